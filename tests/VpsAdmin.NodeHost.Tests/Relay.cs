using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>The network between a node and its broker, which can be cut: connections break, and new ones are hung up on until it is healed.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _end = new();
    private readonly IPEndPoint _target;
    private readonly Task _running;
    private CancellationTokenSource _whole = new();

    /// <param name="target">A broker on this machine, such as <c>nats://127.0.0.1:4222</c>.</param>
    public Relay(string target)
    {
        _target = new IPEndPoint(IPAddress.Loopback, new Uri(target).Port);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _running = RunAsync();
    }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    public void Cut() => _whole.Cancel();

    public void Heal() => _whole = new CancellationTokenSource();

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _end.CancelAsync();
        _listener.Dispose();
        await _running;
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var all = new List<Task>();
        try
        {
            while (true)
                all.Add(RelayAsync(await _listener.AcceptAsync(_end.Token), _whole.Token));
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
        await Task.WhenAll(all);
    }

    private async Task RelayAsync(Socket from, CancellationToken whole)
    {
        using var near = from;
        if (whole.IsCancellationRequested)
            return;
        using var to = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await to.ConnectAsync(_target, whole);
            await using var left = new NetworkStream(from);
            await using var right = new NetworkStream(to);
            await Task.WhenAny(left.CopyToAsync(right, whole), right.CopyToAsync(left, whole));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Either end has hung up, or the network is cut.
        }
    }
}
