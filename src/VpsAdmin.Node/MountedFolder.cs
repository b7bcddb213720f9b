using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.Node;

/// <summary>
/// The folder that a dataset is mounted on, held open. What becomes of the path to it, which may lead through folders that a VPS can change, does not matter to who
/// uses <see cref="Path"/>.
/// </summary>
internal sealed partial class MountedFolder : IDisposable
{
    // O_PATH and O_CLOEXEC of open(2), the same on all architectures of .NET.
    private const int PathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;

    private readonly SafeFileHandle _folder;

    private MountedFolder(SafeFileHandle folder) => _folder = folder;

    /// <summary>For other processes of the same user; a link of the kernel that leads nowhere else.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{_folder.DangerousGetHandle()}");

    /// <param name="folder">Where it should be; links are followed.</param>
    /// <returns>Null: what is there is not the dataset.</returns>
    public static MountedFolder? Open(string folder, string dataset)
    {
        var opened = Open(folder, PathOnly | CloseOnExec);
        if (opened.IsInvalid || !IsRoot(opened, dataset))
        {
            opened.Dispose();
            return null;
        }
        return new(opened);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>By the number of its mount, which nobody can lend to another one.</summary>
    private static bool IsRoot(SafeFileHandle opened, string dataset)
    {
        var handle = opened.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
        var mount = File.ReadLines("/proc/self/fdinfo/" + handle).First(static line => line.StartsWith("mnt_id:", StringComparison.Ordinal))["mnt_id:".Length..].Trim();
        return MountTable.FolderOf(mount, dataset) is { } folder && new FileInfo("/proc/self/fd/" + handle).LinkTarget == folder;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
