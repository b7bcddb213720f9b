using System.Net;
using System.Net.Sockets;

namespace VpsAdmin.Lab;

/// <summary>
/// Ports of the loopback that nobody listens on. From below those that the kernel gives to whoever asks for any (ip_local_port_range of ip(7)): between here and the
/// program that is to listen there, a connection of another test could get one of them.
/// </summary>
public static class FreePort
{
    private const int Lowest = 10_240;

    private const int FirstOfTheKernel = 32_768;

    public static int One() => Several(1)[0];

    /// <summary>Different ones.</summary>
    public static IReadOnlyList<int> Several(int count)
    {
        var sockets = new List<Socket>();
        try
        {
            while (sockets.Count < count)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                if (TryBind(socket, Random.Shared.Next(Lowest, FirstOfTheKernel)))
                    sockets.Add(socket);
                else
                    socket.Dispose();
            }
            return sockets.ConvertAll(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    private static bool TryBind(Socket socket, int port)
    {
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
