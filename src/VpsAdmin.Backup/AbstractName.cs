using System.Buffers.Binary;
using System.Net.Sockets;

namespace VpsAdmin.Backup;

/// <summary>A name in Linux's abstract socket namespace as a lock among all users: see <see cref="FilesystemLock"/>.</summary>
internal static class AbstractName
{
    private const int SolSocket = 1, SoPeerCred = 17; // socket(7)

    /// <returns>Null: a sandbox, such as systemd's <c>RestrictAddressFamilies=</c>, gives this process no such name; the file alone is the lock then.</returns>
    /// <exception cref="BackupConflictException"><see cref="BackupOutcome.AlreadyRunning"/></exception>
    public static Socket? Take(string filesystem, string name)
    {
        var address = new UnixDomainSocketEndPoint("\0" + name);
        Socket socket;
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AccessDenied)
        {
            return null;
        }
        try
        {
            socket.Bind(address);
            socket.Listen(); // so that others can ask whose it is
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new BackupConflictException(Conflicts.AlreadyRunning(filesystem, Holder(address)));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Holder(UnixDomainSocketEndPoint address)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(address);
            var credentials = new byte[12]; // struct ucred: pid, uid, gid
            socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
            return $"process {BinaryPrimitives.ReadInt32LittleEndian(credentials)} of user {BinaryPrimitives.ReadInt32LittleEndian(credentials.AsSpan(4))}";
        }
        catch (SocketException)
        {
            return "a process of another user"; // it has ended meanwhile
        }
    }
}
