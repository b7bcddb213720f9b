using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using VpsAdmin.Node.Streams;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>Somebody who connects to a node that takes streams, and says what a test wants.</summary>
internal sealed class TestPeer : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly SslStream _tls;

    private TestPeer(Socket socket, SslStream tls, bool isGreeted)
    {
        (_socket, _tls, IsGreeted) = (socket, tls, isGreeted);
        Channel = isGreeted ? new FrameChannel(tls, TimeProvider.System) : null!;
    }

    /// <summary>It was given a certificate.</summary>
    public bool IsGreeted { get; }

    public FrameChannel Channel { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="name">What it asks for in TLS; null: nothing.</param>
    public static async Task<TestPeer> ConnectAsync(IPEndPoint at, string? name, SslProtocols protocols = SslProtocols.None)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(at, Cancel);
        var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, EnabledSslProtocols = protocols }, Cancel);
            return new(socket, tls, isGreeted: true);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return new(socket, tls, isGreeted: false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (IsGreeted)
            await Channel.DisposeAsync();
        await _tls.DisposeAsync();
        _socket.Dispose();
    }
}
