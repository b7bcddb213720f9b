using System.Net;
using System.Net.Sockets;

namespace VpsAdmin.Lab;

/// <summary>Ports of the loopback that nobody listens on, and that the kernel gives to nobody for a while.</summary>
public static class FreePort
{
    public static int One() => Several(1)[0];

    /// <summary>Different ones.</summary>
    public static IReadOnlyList<int> Several(int count)
    {
        var sockets = Enumerable.Range(0, count).Select(static _ => new Socket(SocketType.Stream, ProtocolType.Tcp)).ToList();
        try
        {
            sockets.ForEach(static socket => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)));
            return sockets.ConvertAll(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }
}
