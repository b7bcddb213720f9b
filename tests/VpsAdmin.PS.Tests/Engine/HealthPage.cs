using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VpsAdmin.PS.Tests.Engine;

/// <summary>Something that answers 503 a number of times and then 200, whatever is asked for.</summary>
internal sealed class HealthPage : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _answering;
    private int _requests;

    public HealthPage(int healthyAfter)
    {
        _listener.Start();
        _answering = AnswerAsync(healthyAfter);
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public int Requests => Volatile.Read(ref _requests);

    private async Task AnswerAsync(int healthyAfter)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, leaveOpen: true);
                while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 })
                {
                }
                var status = Interlocked.Increment(ref _requests) > healthyAfter ? "200 OK" : "503 Service Unavailable";
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _answering;
        _listener.Dispose();
        _end.Dispose();
    }
}
