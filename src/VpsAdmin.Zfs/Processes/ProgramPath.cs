using System.ComponentModel;

namespace VpsAdmin.Zfs.Processes;

/// <summary>
/// Finds programs. <see cref="System.Diagnostics.Process"/> looks into the current directory before PATH, also on Unix: a
/// backup that runs as root in a member's folder would run whatever lies there under the name <c>zfs</c>.
/// </summary>
internal static class ProgramPath
{
    // cron's PATH, and an ordinary user's on Debian, lack the folders where zfs lives.
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

    private const int NoSuchFile = 2; // ENOENT, and ERROR_FILE_NOT_FOUND

    /// <exception cref="Win32Exception">There is no such program.</exception>
    internal static string Find(string program)
    {
        if (OperatingSystem.IsWindows() || program.Contains('/', StringComparison.Ordinal))
            return program;
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(':').Where(Path.IsPathRooted).Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(IsExecutable)
            ?? throw new Win32Exception(NoSuchFile, $"Program '{program}' was not found in PATH or the system's folders.");
    }

    private static bool IsExecutable(string file) =>
        !OperatingSystem.IsWindows() && File.Exists(file)
        && (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
