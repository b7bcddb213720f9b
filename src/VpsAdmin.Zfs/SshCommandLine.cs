using System.Globalization;

namespace VpsAdmin.Zfs;

/// <summary>
/// The command line of <c>ssh</c> that runs a program with its arguments on another machine. ssh sends one string, which the remote user's
/// shell reads: here, and only here, arguments become words of a shell.
/// </summary>
internal static class SshCommandLine
{
    /// <summary>
    /// An sh of its own makes us independent of the login shell (fish and csh assign differently). cron's and ssh's PATH lack the folders
    /// where zfs lives, and what zfs says is read by programs.
    /// </summary>
    private const string Wrapper = """PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin LC_ALL=C exec "$0" "$@" """;

    private const int ControlPersistSeconds = 10;

    /// <param name="command">Program and arguments.</param>
    /// <exception cref="ArgumentException">Not a destination.</exception>
    internal static IReadOnlyList<string> Line(SshTarget target, IEnumerable<string> command)
    {
        if (!SshTarget.IsDestination(target.Destination))
            throw new ArgumentException($"'{target.Destination}' is not a host or user@host.", nameof(target));
        string[] words = ["/bin/sh", "-c", Wrapper.TrimEnd(), .. command];
        return
        [
            "ssh", .. target.ConfigFile is { } file ? ["-F", file] : Array.Empty<string>(),
            // No questions, no terminal, no forwarding; a connection that died is noticed.
            "-T", "-x", "-a", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4",
            .. Multiplexing(),
            "--", target.Destination, string.Join(' ', words.Select(Quote)),
        ];
    }

    /// <summary>One word of a POSIX shell, and of csh and fish as long as it has no newline, exclamation mark or backslash, which no name of ZFS has.</summary>
    internal static string Quote(string word) => $"'{word.Replace("'", """'\''""", StringComparison.Ordinal)}'";

    /// <summary>One connection for the many short commands of a backup. Its socket is in a folder that only this user can enter.</summary>
    private static string[] Multiplexing()
    {
        if (OperatingSystem.IsWindows())
            return []; // OpenSSH for Windows has none
        var folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        if (!Directory.Exists(folder))
            return [];
        return ["-o", "ControlMaster=auto", "-o", $"ControlPath={folder}/vpsadmin-%C", "-o", string.Create(CultureInfo.InvariantCulture, $"ControlPersist={ControlPersistSeconds}")];
    }
}
