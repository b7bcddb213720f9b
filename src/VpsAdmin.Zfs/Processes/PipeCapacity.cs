using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace VpsAdmin.Zfs.Processes;

/// <summary>
/// Linux gives a pipe 64 KiB; zfs send and receive work in records of up to 1 MiB and stall on that. Raising the capacity
/// decouples the two ends without a buffering program in between.
/// </summary>
internal static partial class PipeCapacity
{
    private const int SetPipeSize = 1031; // F_SETPIPE_SZ, linux/fcntl.h

    private static readonly Lazy<int> Largest = new(ReadLargest);

    /// <summary>Best effort: an unprivileged user may have used up pipe-user-pages-soft, and the default size works too.</summary>
    internal static void Raise(Stream pipe)
    {
        if (OperatingSystem.IsLinux() && Largest.Value > 0 && pipe is PipeStream stream)
            _ = SetCapacity(stream.SafePipeHandle, SetPipeSize, Largest.Value);
    }

    private static int ReadLargest()
    {
        try
        {
            return int.Parse(File.ReadAllText("/proc/sys/fs/pipe-max-size"), NumberStyles.Integer | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetCapacity(SafeHandle pipe, int command, int bytes);
}
