using System.Buffers;
using System.Net;
using System.Threading.Channels;
using MimeKit;
using SmtpServer;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using VpsAdmin.Lab;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A relay on the loopback that takes mails, and says so only when it is let.</summary>
internal sealed class HeldRelay : IAsyncDisposable
{
    private readonly Channel<string> _mails = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _let = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public HeldRelay()
    {
        Port = FreePort.One();
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add(new Store(_mails.Writer, _let.Task));
        var options = new SmtpServerOptionsBuilder().ServerName("relay.example.org").Endpoint(endpoint => endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port))).Build();
        _running = new SmtpServer.SmtpServer(options, services).StartAsync(_stop.Token);
    }

    public int Port { get; }

    /// <summary>Whether there is one that nobody has read.</summary>
    public bool HasMore => _mails.Reader.TryPeek(out _);

    /// <returns>The Message-Id of the next mail, by which relays and readers know one that comes twice.</returns>
    public async Task<string> NextAsync(CancellationToken cancel) => await _mails.Reader.ReadAsync(cancel);

    public void Let() => _let.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Let();
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }
        _stop.Dispose();
    }

    private sealed class Store(ChannelWriter<string> mails, Task let) : MessageStore
    {
        public override async Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            using var bytes = new MemoryStream(buffer.ToArray());
            using var mail = await MimeMessage.LoadAsync(bytes, cancellationToken);
            mails.TryWrite(mail.MessageId ?? "");
            await let.WaitAsync(cancellationToken);
            return SmtpResponse.Ok;
        }
    }
}
