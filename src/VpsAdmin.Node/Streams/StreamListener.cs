using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using VpsAdmin.Node.Handlers;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Streams;

/// <summary>
/// Where other nodes send snapshots to. One port for all transfers, and behind it nothing but those that the server has announced: a connection names
/// its transfer in TLS, gets the certificate of that transfer, and has to say its secret. Whoever names none, says another or takes too long is
/// hung up on, and told nothing.
/// </summary>
public sealed class StreamListener : IAsyncDisposable
{
    /// <summary>How long a connection may take until it has said the secret.</summary>
    internal static readonly TimeSpan LongestGreeting = TimeSpan.FromSeconds(10);

    /// <summary>Connections that have not said a secret yet, at once.</summary>
    private const int MostGreetings = 32;

    private static readonly TimeSpan BetweenFaults = TimeSpan.FromMilliseconds(200);

    private const byte Version = 1;

    private readonly Socket _socket;
    private readonly ZfsHost _zfs;
    private readonly TimeProvider _time;
    private readonly Action<string> _tell;
    private readonly AwaitedTransfers _awaited;
    private readonly ReceivingConversations _conversations = new();
    private readonly SemaphoreSlim _greetings = new(MostGreetings, MostGreetings);
    private readonly SemaphoreSlim _receiving;

    private StreamListener(Socket socket, ZfsHost zfs, AwaitedTransfers awaited, int atOnce, TimeProvider time, Action<string> tell)
    {
        _socket = socket;
        _zfs = zfs;
        _awaited = awaited;
        _time = time;
        _tell = tell;
        _receiving = new SemaphoreSlim(atOnce, atOnce);
    }

    /// <param name="at">Port 0: any free one.</param>
    /// <param name="pools">Pool filesystems, which know what an earlier process waited for.</param>
    /// <param name="atOnce">Most transfers that are received at the same time; more wait.</param>
    /// <param name="tell">Gets a line about each connection that fails, for the log.</param>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public static async Task<StreamListener> OpenAsync(
        ZfsHost zfs, IPEndPoint at, IEnumerable<string> pools, int atOnce, TimeProvider time, Action<string> tell, CancellationToken cancel)
    {
        var awaited = new AwaitedTransfers(zfs);
        await awaited.LoadAsync(pools, cancel).ConfigureAwait(false);
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // All addresses of IPv6 are all of IPv4 too, as with other programs.
            if (at.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(at);
            socket.Listen();
            return new StreamListener(socket, zfs, awaited, atOnce, time, tell);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>What the server announces transfers with, and ends them.</summary>
    public IReadOnlyList<ITransactionHandler> Handlers =>
        [new ReceiveSnapshotsHandler(_zfs, _awaited, _conversations, _time), new CheckReceivedHandler(_zfs, _awaited, _conversations)];

    /// <summary>Accepts until cancelled, and returns when nothing is received any more.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var connections = new HashSet<Task>();
        try
        {
            while (true)
            {
                await _greetings.WaitAsync(cancel).ConfigureAwait(false);
                connections.RemoveWhere(static c => c.IsCompleted);
                connections.Add(ServeAsync(await AcceptAsync(cancel).ConfigureAwait(false), cancel));
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        await Task.WhenAll(connections).ConfigureAwait(false);
    }

    /// <summary>Accepts while something else runs, and stops with it.</summary>
    public async Task RunBesideAsync(Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var accepting = RunAsync(stop.Token);
        try
        {
            await work(cancel).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await accepting.ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _greetings.Dispose();
        _receiving.Dispose();
        return default;
    }

    private async Task<Socket> AcceptAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await _socket.AcceptAsync(cancel).ConfigureAwait(false);
            }
            catch (SocketException e)
            {
                // Its other end has gone already, or this process has too many files open: neither is the end of the node.
                _tell($"A connection could not be accepted: {e.Message}");
                await Task.Delay(BetweenFaults, _time, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One connection, to its end. Never throws.</summary>
    private async Task ServeAsync(Socket socket, CancellationToken cancel)
    {
        var from = socket.RemoteEndPoint;
        var greeting = new Once(_greetings);
        try
        {
            await using var network = new NetworkStream(Tuned(socket), ownsSocket: true);
            await using var tls = new SslStream(network);
            var (awaited, channel) = await GreetAsync(tls, cancel).ConfigureAwait(false);
            await using var _ = channel.ConfigureAwait(false);
            greeting.Release();
            await _conversations.RunAsync(awaited.Name, token => ReceiveAsync(awaited, channel, token), cancel).ConfigureAwait(false);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // This node stops; the sender will see the connection end, and come again.
        }
        catch (OperationCanceledException)
        {
            _tell($"A connection of {from} was ended: its transfer was called off, or its sender came again.");
        }
        catch (Exception e)
        {
            _tell($"A connection of {from} failed: {TransactionException.Describe(e)}");
        }
        finally
        {
            greeting.Release();
        }
    }

    private async Task<(AwaitedTransfer, FrameChannel)> GreetAsync(SslStream tls, CancellationToken cancel)
    {
        using var slow = new CancellationTokenSource(LongestGreeting, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, slow.Token);
        try
        {
            AwaitedTransfer? awaited = null;
            await tls.AuthenticateAsServerAsync(
                (_, hello, _, _) =>
                {
                    awaited = _awaited.Find(hello.ServerName) ?? throw new AuthenticationException("it names no transfer that is awaited here.");
                    return ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificate = StreamCredentials.CertificateOf(awaited.Credential), EnabledSslProtocols = SslProtocols.Tls13, AllowTlsResume = false,
                    });
                },
                null, either.Token).ConfigureAwait(false);
            var channel = new FrameChannel(tls, _time);
            try
            {
                await RequireSecretAsync(channel, awaited!, either.Token).ConfigureAwait(false);
                return (awaited!, channel);
            }
            catch
            {
                await channel.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new PeerLostException($"it did not say who it is within {LongestGreeting.TotalSeconds:0} seconds.");
        }
    }

    private static async Task RequireSecretAsync(FrameChannel channel, AwaitedTransfer awaited, CancellationToken cancel)
    {
        var hello = await channel.ReceiveAsync(cancel).ConfigureAwait(false);
        if (hello.Type is not FrameType.Hello || hello.Payload.Length != 1 + StreamCredentials.SecretSize)
            throw new PeerLostException("it does not begin as a sender does.");
        if (!CryptographicOperations.FixedTimeEquals(hello.Payload.Span[1..], StreamCredentials.SecretOf(awaited.Credential.Secret)))
            throw new PeerLostException($"it does not know the secret of transfer {awaited.Name}.");
        if (hello.Payload.Span[0] is not Version and var version)
        {
            await channel.SendFailureAsync($"This node sends and receives in version {Version}, and the other one in version {version}: update the older one.", cancel).ConfigureAwait(false);
            throw new PeerLostException($"it speaks version {version}.");
        }
    }

    private async Task ReceiveAsync(AwaitedTransfer awaited, FrameChannel channel, CancellationToken cancel)
    {
        // Until its turn the sender hears that somebody is there.
        await _receiving.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await new StreamReceiver(_zfs, awaited, _time).RunAsync(channel, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not PeerLostException and not PeerFailedException && !cancel.IsCancellationRequested)
        {
            await channel.SendFailureAsync(TransactionException.Describe(e), cancel).ConfigureAwait(false);
            await channel.DrainAsync(reading: null, cancel).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _receiving.Release();
        }
    }

    /// <summary>The first frame of a sender.</summary>
    internal static byte[] Hello(string secret) => [Version, .. StreamCredentials.SecretOf(secret)];

    /// <summary>Small frames go out at once.</summary>
    internal static Socket Tuned(Socket socket)
    {
        socket.NoDelay = true;
        return socket;
    }

    /// <summary>A place that is given back once, however often it is said.</summary>
    private sealed class Once(SemaphoreSlim places)
    {
        private int _released;

        public void Release()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                places.Release();
        }
    }
}
