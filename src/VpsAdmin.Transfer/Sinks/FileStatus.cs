using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>What Linux knows of a file. By statx(2), whose struct is the same on all architectures.</summary>
/// <param name="Links">Names that the file has.</param>
internal sealed partial record FileStatus(bool IsRegular, uint Links, ulong Inode)
{
    private const int RelativeToCurrentFolder = -100;
    private const int DoNotFollowLinks = 0x100;
    private const int OfTheHandle = 0x1000;
    private const uint TypeLinksAndInode = 0x1 | 0x4 | 0x100;

    private const int StatusSize = 256;
    private const int LinksOffset = 16;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;

    /// <returns>Null when it is not there or the kernel does not say.</returns>
    public static FileStatus? Of(string path)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        return Status(RelativeToCurrentFolder, path, DoNotFollowLinks, TypeLinksAndInode, ref MemoryMarshal.GetReference(status)) == 0 ? From(status) : null;
    }

    /// <returns>Null when the kernel does not say.</returns>
    public static FileStatus? Of(SafeFileHandle file)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        return Status(file, "", OfTheHandle, TypeLinksAndInode, ref MemoryMarshal.GetReference(status)) == 0 ? From(status) : null;
    }

    private static FileStatus From(ReadOnlySpan<byte> status) => new(
        (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask) == RegularFile,
        MemoryMarshal.Read<uint>(status[LinksOffset..]),
        MemoryMarshal.Read<ulong>(status[InodeOffset..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(SafeFileHandle file, string path, int flags, uint mask, ref byte status);
}
