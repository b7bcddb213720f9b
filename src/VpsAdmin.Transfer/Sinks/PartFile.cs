using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// Opens a part: the file itself, never what a link leads to; only one that has no second name, for whoever holds that would see and change
/// it; and only when no other run has it open. What it holds, a VPS's <c>/etc/shadow</c> for instance, is for its owner alone, and so is the file that it becomes.
/// </summary>
internal static partial class PartFile
{
    private const int ReadWrite = 0x2;
    private const int Create = 0x40;
    private const int DoNotBlock = 0x800;
    private const int CloseOnExec = 0x80000;
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const int LockExclusive = 2;
    private const int LockDoNotWait = 4;
    private const int Unlock = 8;

    private const int WouldBlock = 11;
    private const int TooManyLinks = 40;

    /// <param name="create">Make it when it is not there.</param>
    /// <exception cref="TransferException"><see cref="TransferFailure.TargetConflict"/>.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle Open(string path, bool create = true)
    {
        if (new FileInfo(path).LinkTarget is not null)
            throw IsLink(path);
        var handle = OperatingSystem.IsLinux() ? OpenItself(path, create) : OpenShared(path, create);
        if (create)
            KeepFromOthers(handle);
        return handle;
    }

    /// <summary>
    /// Gives up the lock, then the file. flock(2) belongs to the open file, which a child of this process has too between fork and exec: merely
    /// closed, a part could stay locked for a moment more.
    /// </summary>
    public static void Close(SafeFileHandle part)
    {
        if (OperatingSystem.IsLinux() && !part.IsClosed)
            _ = Lock(part, Unlock);
        part.Dispose();
    }

    /// <summary>An earlier version, or another program, may have left the part open to others. Some file systems know no modes, and refuse them.</summary>
    private static void KeepFromOthers(SafeFileHandle part)
    {
        if (OperatingSystem.IsWindows())
            return;
        try
        {
            File.SetUnixFileMode(part, OwnersOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static SafeFileHandle OpenShared(string path, bool create)
    {
        try
        {
            // Share.None locks the part against a second run of this program.
            return File.OpenHandle(path, create ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw InUse(path, e);
        }
    }

    /// <summary>.NET has no way to say O_NOFOLLOW. Elsewhere than on Linux open(2) cannot be called like this, for it takes its mode as a variadic argument.</summary>
    private static SafeFileHandle OpenItself(string path, bool create)
    {
        var handle = Open(path, ReadWrite | CloseOnExec | DoNotBlock | DoNotFollowLinks | (create ? Create : 0), (int)OwnersOnly);
        if (handle.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            throw error == TooManyLinks ? IsLink(path) : new IOException($"'{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
        try
        {
            Check(handle, path);
            return handle;
        }
        catch
        {
            Close(handle);
            throw;
        }
    }

    private static void Check(SafeFileHandle handle, string path)
    {
        var status = FileStatus.Of(handle);
        if (status is { IsRegular: false })
            throw Conflict($"'{path}' is not a file. Remove it, or name another file.");
        if (status is { Links: > 1 })
            throw Conflict($"'{path}' has a second name, which this program never gives it. Remove it, or name another file.");
        // The lock of FileShare.None. File systems without locks say so with other errors, which are no reason to refuse.
        if (Lock(handle, LockExclusive | LockDoNotWait) != 0 && Marshal.GetLastPInvokeError() == WouldBlock)
            throw InUse(path);
        // Another run may have finished between the opening and the lock: then this is its finished file.
        if (status is not null && FileStatus.Of(path)?.Inode != status.Inode)
            throw InUse(path);
    }

    /// <summary>O_NOFOLLOW: one of the few flags that are not the same on all of Linux's architectures.</summary>
    private static int DoNotFollowLinks =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Armv6 or Architecture.Ppc64le ? 0x8000 : 0x20000;

    private static TransferException IsLink(string path) => Conflict($"'{path}' is a link, which this program never makes. Remove it.");

    private static TransferException InUse(string path, Exception? inner = null) => Conflict($"'{path}' is being written by another process.", inner);

    private static TransferException Conflict(string message, Exception? inner = null) => new(TransferFailure.TargetConflict, message, inner);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);
}
