using System.Buffers;
using System.Net.Sockets;
using System.Net;
using System.Threading.Channels;
using MimeKit;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using SmtpServer;
using VpsAdmin.Lab;

namespace VpsAdmin.Server.Tests.Mail;

/// <summary>A relay on the loopback that keeps what it gets.</summary>
internal sealed class MailRelay : IAsyncDisposable
{
    private readonly Channel<MimeMessage> _mails = Channel.CreateUnbounded<MimeMessage>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public MailRelay()
    {
        Port = FreePort.One();
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add(new Store(_mails.Writer));
        var options = new SmtpServerOptionsBuilder().ServerName("relay.example.org")
            .Endpoint(endpoint => endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port))).Build();
        _running = new SmtpServer.SmtpServer(options, services).StartAsync(_stop.Token);
    }

    public int Port { get; }

    public Task<MimeMessage> NextAsync(CancellationToken cancel) => _mails.Reader.ReadAsync(cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), cancel);

    public async ValueTask DisposeAsync()
    {
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

    private sealed class Store(ChannelWriter<MimeMessage> mails) : MessageStore
    {
        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            using var bytes = new MemoryStream(buffer.ToArray());
            mails.TryWrite(await MimeMessage.LoadAsync(bytes, cancellationToken));
            return SmtpResponse.Ok;
        }
    }
}
