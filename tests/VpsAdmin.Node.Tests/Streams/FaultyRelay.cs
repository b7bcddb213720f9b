using System.Net;
using System.Net.Sockets;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>A network between two nodes: passes so many bytes of the first connection on to the receiver, then hangs up; later connections pass whole.</summary>
internal sealed class FaultyRelay : IAsyncDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _end = new();
    private readonly IPEndPoint _target;
    private readonly Task _running;
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<Task> _onCut;
    private int _connections;

    /// <param name="bytes">Of the first connection.</param>
    /// <param name="onCut">What happens when they have passed, before the second connection passes.</param>
    public FaultyRelay(IPEndPoint target, long bytes, Func<Task>? onCut = null)
    {
        (_target, _onCut) = (target, onCut ?? (static () => Task.CompletedTask));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _running = RunAsync(bytes);
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

    public int Connections => _connections;

    /// <summary>The first connection was cut.</summary>
    public bool HasCut { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _running;
        _end.Dispose();
    }

    private async Task RunAsync(long bytes)
    {
        var all = new List<Task>();
        try
        {
            while (true)
            {
                var from = await _listener.AcceptAsync(_end.Token);
                all.Add(RelayAsync(from, Interlocked.Increment(ref _connections) == 1 ? bytes : long.MaxValue));
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
        await Task.WhenAll(all);
    }

    private async Task RelayAsync(Socket from, long bytes)
    {
        using var to = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (bytes == long.MaxValue)
                await _cut.Task.WaitAsync(_end.Token);
            await to.ConnectAsync(_target, _end.Token);
            await using var near = new NetworkStream(from, ownsSocket: true);
            await using var far = new NetworkStream(to);
            await Task.WhenAny(CopyAsync(near, far, bytes), CopyAsync(far, near, long.MaxValue));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Either end has hung up, or the receiver is not there: so has this one.
        }
        finally
        {
            from.Dispose();
            if (bytes != long.MaxValue)
            {
                HasCut = true;
                await _onCut();
                _cut.TrySetResult();
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, long bytes)
    {
        var buffer = new byte[16 << 10];
        while (bytes > 0 && await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)), _end.Token) is > 0 and var read)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
            bytes -= read;
        }
    }
}
