using System.ComponentModel;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>
/// LXC for tests: Debian's packages, and the ids that root gives to containers. Whether this machine lets containers be made is tried once, with an
/// empty one in namespaces of its own.
/// </summary>
public static class LxcLab
{
    private const string Ids = "root:100000:65536";

    private static readonly Lazy<Task<string?>> Prepared = new(PrepareAsync);

    /// <summary>Why there are no containers here; null: there are. May take a minute when the packages must be installed first.</summary>
    public static Task<string?> ReasonAsync() => Prepared.Value;

    private static async Task<string?> PrepareAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return "Containers need root on Linux.";
        if (await DebianPackages.EnsureAsync(
            ["lxc-start", "lxc-usernsexec", "newuidmap", "busybox"], ["lxc", "lxc-templates", "busybox-static", "uidmap"], CancellationToken.None).ConfigureAwait(false) is { } reason)
            return reason;
        foreach (var file in new[] { "/etc/subuid", "/etc/subgid" })
        {
            if (!File.Exists(file) || !File.ReadAllLines(file).Contains(Ids))
                await File.AppendAllTextAsync(file, Ids + "\n").ConfigureAwait(false);
        }
        try
        {
            var trial = OwnedProcess.Start(new ProcessSpec("lxc-usernsexec", ["-m", "b:0:100000:65536", "--", "unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "true"]));
            await using var _ = trial.ConfigureAwait(false);
            var result = await trial.Completion.ConfigureAwait(false);
            return result.ExitCode == 0 ? null : $"This machine lets no containers be made: {result.StandardError}";
        }
        catch (Win32Exception e)
        {
            return $"This machine lets no containers be made: {e.Message}";
        }
    }
}
