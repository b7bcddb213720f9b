using System.Security.Cryptography;
using System.Text;

namespace VpsAdmin.Backup;

/// <summary>
/// One backup at a time for each filesystem of this machine. The lock is on an open file, so the kernel releases it however its process ends;
/// the file itself stays: deleting it would let two processes each lock a file of the same name.
/// </summary>
/// <remarks>Each user has locks of his own; between users zfs itself refuses what does not fit, and a receive undoes nothing of another's.</remarks>
internal static class FilesystemLock
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="BackupConflictException"><see cref="BackupOutcome.AlreadyRunning"/></exception>
    public static IDisposable Take(string filesystem)
    {
        var path = Path.Combine(Folder(), Name(filesystem));
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            throw new BackupConflictException(BackupOutcome.AlreadyRunning,
                $"A backup into '{filesystem}' is running already on this machine (it holds '{path}'). Nothing was changed. Wait until it has ended.");
        }
    }

    /// <summary>Not the name itself, which may be longer than a file's may be, and has slashes.</summary>
    private static string Name(string filesystem)
    {
        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{Environment.MachineName}\n{filesystem}"));
        return $"backup-{Convert.ToHexStringLower(key)}.lock";
    }

    /// <summary>Only its owner may write there, so that nobody else can plant a link or hold a lock.</summary>
    private static string Folder()
    {
        if (OperatingSystem.IsWindows())
            return Directory.CreateDirectory(Path.Combine(State(), "vpsadmin")).FullName;
        // Not XDG_RUNTIME_DIR: cron has none and sudo may keep another user's, and all must find the same locks. Not /run/lock: everybody may write there.
        var path = Environment.IsPrivilegedProcess && Directory.Exists("/run") ? "/run/vpsadmin" : Path.Combine(State(), "vpsadmin", "locks");
        return Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute).FullName;
    }

    private static string State() =>
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } folder
            ? folder
            : throw new IOException("This user has no folder for a program's state: set HOME.");

    /// <summary>ERROR_SHARING_VIOLATION, or EWOULDBLOCK of flock as .NET passes it on.</summary>
    private static bool IsSharingViolation(IOException e) =>
        e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException)
        && (OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 32 : e.HResult is 11 or 35);
}
