using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.Client.Connections;

/// <summary>
/// Looks whether a file or folder belongs to this user and to nobody else, as ssh does with its keys. On Windows the user's profile has such
/// rights from the system, and only links are refused.
/// </summary>
internal static partial class OwnerOnly
{
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const int EmptyPath = 0x1000;
    private const uint TypeAndOwner = 0x9;
    private const int StatusSize = 256;
    private const int UserOffset = 20;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;

    /// <summary>Null when the folder is safe, else what is wrong with it.</summary>
    public static string? WhyNotFolder(string path)
    {
        if (new DirectoryInfo(path).LinkTarget is not null)
            return "is a link";
        if (OperatingSystem.IsWindows())
            return null;
        if ((File.GetUnixFileMode(path) & Others) is not UnixFileMode.None and var mode)
            return $"is open to others ({Text(mode)}); close it with: chmod 700";
        return IsOwn(path) ? null : "belongs to somebody else";
    }

    /// <summary>
    /// As <see cref="WhyNotFolder"/>, for an open file in a folder that has passed: nobody can exchange it between a look and another.
    /// </summary>
    public static string? WhyNotFile(string path, SafeFileHandle file)
    {
        if (new FileInfo(path).LinkTarget is not null)
            return "is a link";
        if (OperatingSystem.IsWindows())
            return null;
        if ((File.GetUnixFileMode(file) & Others) is not UnixFileMode.None and var mode)
            return $"is open to others ({Text(mode)}); if nobody has read it, close it with: chmod 600";
        if (OperatingSystem.IsLinux() && Status(file) is var (type, user) && (type != RegularFile || user != EffectiveUser()))
            return type != RegularFile ? "is no plain file" : $"belongs to user {user}, not to you";
        return OperatingSystem.IsLinux() || IsOwn(path) ? null : "belongs to somebody else";
    }

    /// <summary>Only the owner, and root, may set a mode: setting the one that it has changes nothing and tells.</summary>
    private static bool IsOwn(string path)
    {
        if (OperatingSystem.IsWindows())
            return true;
        try
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path));
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>struct statx is the same on all architectures of Linux.</summary>
    private static (int Type, uint User) Status(SafeFileHandle file)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        return Statx(file, "", EmptyPath, TypeAndOwner, ref MemoryMarshal.GetReference(status)) == 0
            ? (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask, MemoryMarshal.Read<uint>(status[UserOffset..]))
            : throw new IOException($"The file's owner cannot be read: error {Marshal.GetLastPInvokeError()}.");
    }

    private static string Text(UnixFileMode mode) => $"mode {Convert.ToString((int)mode, 8)} for group and others";

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle file, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
