namespace VpsAdmin.Node.Runtime;

/// <summary>
/// LXC's own process that keeps a VPS, from its start to its end. It lives on while a system restarts by itself, when LXC says for a moment that it is stopped: only
/// without a monitor nothing of a VPS runs, nor will by itself.
/// </summary>
internal static class LxcMonitor
{
    public static bool IsAlive(VpsHome home)
    {
        var (path, name) = (Path.GetDirectoryName(home.Folder)!, Path.GetFileName(home.Folder));
        var (monitor, start) = ($"[lxc monitor] {path} {name}", $"lxc-start --lxcpath {path} --name {name} ");
        return Directory.EnumerateDirectories("/proc").Where(static folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(CommandOf)
            .Any(command => command == monitor || command.Contains(start, StringComparison.Ordinal));
    }

    private static string CommandOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).TrimEnd('\0').Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // It has just ended.
        }
    }
}
