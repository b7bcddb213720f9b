using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Runtime;

/// <summary>
/// Has VPSes run again after the machine was started anew: those that were started here and not stopped since. Each has a note of the machine's start in which
/// it was started last, so that a node's process that only takes the place of another starts nobody who has shut down by himself.
/// </summary>
/// <param name="machine">Which start of the machine this is.</param>
public sealed class VpsAutostart(ZfsHost zfs, IVpsRuntime runtime, string machine)
{
    private readonly VpsHomes _homes = new(zfs);

    /// <summary>Tells one start of this machine from all others: random(4).</summary>
    public static string Machine => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Before the node takes work: what has come meanwhile finds the VPSes as they were.</summary>
    /// <param name="filesystems">Pool filesystems.</param>
    /// <param name="tell">What became of them, for the log.</param>
    public async Task RunAsync(IEnumerable<string> filesystems, Action<string> tell, CancellationToken cancel)
    {
        foreach (var filesystem in filesystems)
        {
            try
            {
                foreach (var home in await _homes.ListAsync(filesystem, cancel).ConfigureAwait(false))
                    await TryStartAsync(home, tell, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ZfsException or TransactionException || IsOfFiles(e))
            {
                tell($"VPSes of {filesystem} are not started: {e.Message}");
            }
        }
    }

    /// <summary>It runs from now on, and again when the machine is started anew.</summary>
    internal static void Note(VpsHome home, string machine)
    {
        var file = FileOf(home);
        File.WriteAllText(file + ".part", machine);
        File.Move(file + ".part", file, overwrite: true);
    }

    /// <summary>It stays as it is from now on.</summary>
    internal static void Forget(VpsHome home) => File.Delete(FileOf(home));

    /// <summary>What is kept of one VPS may not be readable, or its pool be full: the others start, and so does the node.</summary>
    private async Task TryStartAsync(VpsHome home, Action<string> tell, CancellationToken cancel)
    {
        try
        {
            await StartAsync(home, tell, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            tell($"Whether VPS {home.VpsId} is to run cannot be read or noted: {e.Message}");
        }
    }

    private async Task StartAsync(VpsHome home, Action<string> tell, CancellationToken cancel)
    {
        if (!File.Exists(FileOf(home)) || await File.ReadAllTextAsync(FileOf(home), cancel).ConfigureAwait(false) == machine)
            return;
        try
        {
            // What is below its root was mounted when the node started.
            await runtime.StartAsync(home, static () => Task.CompletedTask, cancel).ConfigureAwait(false);
            tell($"VPS {home.VpsId} runs again");
        }
        catch (TransactionException e)
        {
            tell(e.Message);
        }
        // Also where it does not start: it was tried, and is somebody's to look at.
        Note(home, machine);
    }

    private static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException;

    private static string FileOf(VpsHome home) => Path.Combine(home.Folder, "autostart");
}
