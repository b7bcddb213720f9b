using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>
/// One backup at a time for each filesystem. Two locks, both released by the kernel however their process ends: one on an open file, among
/// the processes of one user; and on Linux a name that all users of this machine see.
/// </summary>
/// <remarks>
/// The file stays: deleting it would let two processes each lock a file of the same name. Where everybody may write (/run/lock, /tmp) somebody
/// could plant a link, so that root and a user with sudo have no folder in common; but names of abstract Unix sockets (unix(7)) need no
/// folder. Anybody on the machine can take such a name and so hinder a backup, never harm it; the message tells whose process it is.
/// Another network namespace has other names, and another machine that backs up into the same remote host other locks altogether: there
/// zfs itself refuses what does not fit.
/// </remarks>
internal sealed class FilesystemLock : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _file;
    private readonly Socket? _name;

    private FilesystemLock(FileStream file, Socket? name)
    {
        _file = file;
        _name = name;
    }

    /// <param name="remote">The machine that the filesystem is on; null: this one.</param>
    /// <exception cref="BackupConflictException"><see cref="BackupOutcome.AlreadyRunning"/></exception>
    public static FilesystemLock Take(string filesystem, SshTarget? remote = null)
    {
        var key = Key(filesystem, remote);
        var path = Path.Combine(Folder(), $"backup-{key}.lock");
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        FileStream file;
        try
        {
            file = new FileStream(path, options);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            throw new BackupConflictException(Conflicts.AlreadyRunning(filesystem, $"it holds '{path}'"));
        }
        try
        {
            return new FilesystemLock(file, OperatingSystem.IsLinux() ? AbstractName.Take(filesystem, $"vpsadmin-backup-{key}") : null);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _name?.Dispose();
        _file.Dispose();
    }

    /// <summary>Not the name itself, which may be longer than a file's may be, and has slashes.</summary>
    private static string Key(string filesystem, SshTarget? remote) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{remote?.Destination ?? Environment.MachineName}\n{filesystem}")));

    /// <summary>Only its owner may write there, so that nobody else can plant a link or hold a lock.</summary>
    private static string Folder()
    {
        if (OperatingSystem.IsWindows())
            return Directory.CreateDirectory(Path.Combine(State(), "vpsadmin")).FullName;
        // Not XDG_RUNTIME_DIR: cron has none and sudo may keep another user's, and all must find the same locks.
        var path = Environment.IsPrivilegedProcess && Directory.Exists("/run") ? "/run/vpsadmin" : Path.Combine(State(), "vpsadmin", "locks");
        return Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute).FullName;
    }

    private static string State() =>
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } folder
            ? folder
            : throw new IOException("This user has no folder for a program's state: set HOME.");

    /// <summary>ERROR_SHARING_VIOLATION, or EWOULDBLOCK of flock as .NET passes it on.</summary>
    internal static bool IsSharingViolation(IOException e) =>
        e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException)
        && (OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult is 11 or 35);
}
