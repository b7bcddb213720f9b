using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>The little that .NET does not offer about files and folders on Unix.</summary>
internal static partial class UnixFile
{
    private const int OpenReadOnly = 0;
    private const int RelativeToCurrentFolder = -100;
    private const int DoNotFollowLinks = 0x100;
    private const uint TypeOnly = 1;
    private const int StatusSize = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;
    private const uint BeginOnly = 2;

    /// <summary>
    /// Makes names in a folder durable: a rename survives a power failure only once the folder itself is synchronised. Does nothing on
    /// Windows, where NTFS journals names. A file system that cannot synchronise folders is not an error: the file's contents are on the
    /// disk either way.
    /// </summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var handle = Open(folder, OpenReadOnly);
        if (!handle.IsInvalid)
            _ = Synchronise(handle);
    }

    /// <summary>
    /// Has the disk begin with what was written since, without waiting for it (sync_file_range(2)): the kernel would leave it all to the synchronising
    /// at the end, when nothing else is left to do. Makes nothing durable. Linux only; elsewhere, and where a file system cannot, nothing happens.
    /// </summary>
    public static void BeginWriting(SafeFileHandle file, long from, long to)
    {
        if (OperatingSystem.IsLinux() && from < to)
            _ = SynchroniseRange(file, from, to - from, BeginOnly);
    }

    /// <summary>
    /// True for a device, pipe, socket or folder: renaming over <c>/dev/null</c> would remove it for all, opening a pipe would wait for its
    /// reader. Linux only, where struct statx is the same on all architectures; elsewhere false.
    /// </summary>
    public static bool IsSpecial(string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        Span<byte> status = stackalloc byte[StatusSize];
        return Status(RelativeToCurrentFolder, path, DoNotFollowLinks, TypeOnly, ref MemoryMarshal.GetReference(status)) == 0
            && (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask) is not RegularFile;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronise(SafeFileHandle folder);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SynchroniseRange(SafeFileHandle file, long offset, long bytes, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, ref byte status);
}
