using System.Collections.Concurrent;
using System.Globalization;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Runtime;

/// <summary>How a node runs VPSes.</summary>
/// <param name="Templates">Folder of archives that systems are made of.</param>
/// <param name="Bridge">What the VPSes' interfaces are connected to; null: nothing.</param>
public sealed record VpsOptions(string Templates = "/var/lib/vpsadmin/templates", string? Bridge = null);

/// <summary>VPSes as containers of LXC, without privileges: their root is nobody outside. LXC's own monitor keeps them when the node's process is gone.</summary>
public sealed class LxcRuntime(VpsOptions options, TimeProvider time) : IVpsRuntime
{
    private const string NotRunning = "STOPPED";

    /// <summary>Its first process has ended.</summary>
    private static readonly string[] Ending = [NotRunning, "STOPPING", "ABORTING"];

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private static readonly string[] Programs = ["lxc-start", "lxc-stop", "lxc-info", "lxc-cgroup", "lxc-usernsexec"];

    private readonly RootFilesystem _root = new(options.Templates);
    private readonly LxcConfig _config = new(Cgroups(), options.Bridge, File.Exists("/sys/kernel/security/apparmor/profiles"));
    private readonly ConcurrentDictionary<string, (int Pid, long At, TimeSpan Cpu)> _before = new();

    public Task<VpsAbility> ExamineAsync(CancellationToken cancel) => Task.FromResult(new VpsAbility(Refusal(), _root.Templates()));

    public Task InstallAsync(string template, string root, CancellationToken cancel) => _root.FillAsync(template, root, cancel);

    public async Task ConfigureAsync(VpsHome home, VpsConfiguration configuration, CancellationToken cancel)
    {
        var text = _config.Write(home.Root, configuration);
        var (file, part) = (Path.Combine(home.Folder, "config"), Path.Combine(home.Folder, "config.part"));
        await File.WriteAllTextAsync(part, text, cancel).ConfigureAwait(false);
        File.Move(part, file, overwrite: true);
        if (!await IsRunningAsync(home, cancel).ConfigureAwait(false))
            return;
        foreach (var (key, value) in _config.Limits(configuration.Limits))
            await LxcProgram.RunAsync("lxc-cgroup", [.. Which(home), "--", key, value], cancel).ConfigureAwait(false);
    }

    public async Task StartAsync(VpsHome home, Func<Task> prepare, CancellationToken cancel)
    {
        if (await SettleAsync(home, cancel).ConfigureAwait(false))
            return;
        await prepare().ConfigureAwait(false);
        var log = Path.Combine(home.Folder, "lxc.log");
        File.Delete(log);
        string[] arguments = [.. Which(home), "--logpriority", "ERROR", "--logfile", log, "--console-log", Path.Combine(home.Folder, VpsConsole.FileName)];
        try
        {
            await LxcProgram.RunAsync("lxc-start", arguments, cancel).ConfigureAwait(false);
        }
        catch (TransactionException e)
        {
            var reason = File.Exists(log) ? (await File.ReadAllLinesAsync(log, cancel).ConfigureAwait(false)).FirstOrDefault() : null;
            throw new TransactionException($"VPS {home.VpsId} does not start: {reason ?? e.Message}", e);
        }
    }

    public async Task StopAsync(VpsHome home, TimeSpan patience, CancellationToken cancel)
    {
        if (!await SettleAsync(home, cancel).ConfigureAwait(false))
            return;
        string[] how = patience > TimeSpan.Zero ? ["--timeout", ((int)patience.TotalSeconds).ToString(CultureInfo.InvariantCulture)] : ["--kill"];
        try
        {
            await LxcProgram.RunAsync("lxc-stop", [.. Which(home), .. how], cancel).ConfigureAwait(false);
        }
        catch (TransactionException) when (!cancel.IsCancellationRequested)
        {
            // It may have shut down by itself between the question and the order.
            if (await IsRunningAsync(home, cancel).ConfigureAwait(false))
                throw;
        }
        if (!await SettleAsync(home, cancel).ConfigureAwait(false))
            return;
        // Told to shut down, it has started again instead.
        await LxcProgram.RunAsync("lxc-stop", [.. Which(home), "--kill"], cancel).ConfigureAwait(false);
        await SettleAsync(home, cancel).ConfigureAwait(false);
    }

    /// <summary>Waits for the end of a VPS that is about to end, or to start again by itself.</summary>
    /// <returns>Whether it runs; else nothing of it does.</returns>
    private async Task<bool> SettleAsync(VpsHome home, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(LongestEnd, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        using var look = new PeriodicTimer(BetweenLooks, time);
        try
        {
            while (true)
            {
                var state = await StateAsync(home, either.Token).ConfigureAwait(false);
                if (!Ending.Contains(state))
                    return true;
                if (state is NotRunning && !LxcMonitor.IsAlive(home))
                    return false;
                await look.WaitForNextTickAsync(either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TransactionException($"VPS {home.VpsId} is about to end, and has not ended within {LongestEnd.TotalSeconds:0} seconds.");
        }
    }

    public async Task<bool> IsRunningAsync(VpsHome home, CancellationToken cancel) => await StateAsync(home, cancel).ConfigureAwait(false) is var state && !Ending.Contains(state);

    public async Task<VpsSample> SampleAsync(VpsHome home, CancellationToken cancel)
    {
        if (await IsRunningAsync(home, cancel).ConfigureAwait(false) is false)
            return new(home.VpsId, IsRunning: false);
        var (_, output) = await LxcProgram.AskAsync("lxc-info", [.. Which(home), "--pid", "--no-humanize"], cancel).ConfigureAwait(false);
        // A system that has just been told to start has no first process yet.
        if (!int.TryParse(output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || Text($"/proc/{pid}/cgroup") is not { } membership || Uptime(pid) is not { } uptime)
            return new(home.VpsId, IsRunning: true);
        var usage = CgroupUsage.Read(membership, Text);
        return new(home.VpsId, IsRunning: true, uptime, usage.Processes, usage.UsedMemory, Load(home, pid, usage.CpuTime));
    }

    private static async Task<string> StateAsync(VpsHome home, CancellationToken cancel)
    {
        if (!File.Exists(Path.Combine(home.Folder, "config")))
            return NotRunning;
        var (status, output) = await LxcProgram.AskAsync("lxc-info", [.. Which(home), "--state", "--no-humanize"], cancel).ConfigureAwait(false);
        return status == 0 ? output.Trim() : throw new TransactionException($"LXC does not know the state of VPS {home.VpsId}.");
    }

    /// <summary>Seconds since its first process began; null: that has ended.</summary>
    private static long? Uptime(int pid)
    {
        // Field 22 of proc(5), counted behind the name, which may contain anything; in hundredths of a second since the machine started.
        if (Text($"/proc/{pid}/stat") is not { } stat || Text("/proc/uptime")?.Split(' ') is not [var up, ..])
            return null;
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return Math.Max(0, (long)(double.Parse(up, CultureInfo.InvariantCulture) - (long.Parse(fields[19], CultureInfo.InvariantCulture) / 100.0)));
    }

    private double? Load(VpsHome home, int pid, TimeSpan? cpu)
    {
        if (cpu is not { } now)
            return null;
        var at = time.GetTimestamp();
        var known = _before.TryGetValue(home.Folder, out var before) && before.Pid == pid;
        _before[home.Folder] = (pid, at, now);
        var passed = known ? time.GetElapsedTime(before.At, at) : TimeSpan.Zero;
        return passed > TimeSpan.Zero ? Math.Max(0, (now - before.Cpu) / passed) : null;
    }

    private static string[] Which(VpsHome home) => ["--lxcpath", Path.GetDirectoryName(home.Folder)!, "--name", Path.GetFileName(home.Folder)];

    /// <summary>Where limits are set. A machine with both hierarchies has its controllers in the first.</summary>
    private static CgroupVersion Cgroups() => File.Exists("/sys/fs/cgroup/cgroup.controllers") ? CgroupVersion.Second : CgroupVersion.First;

    private static string? Refusal()
    {
        if (!OperatingSystem.IsLinux())
            return "VPSes need Linux.";
        if (!Environment.IsPrivilegedProcess)
            return "The node does not run as root, whom LXC needs.";
        return Programs.FirstOrDefault(static program => OwnedProcess.Locate(program) is null) is { } missing
            ? $"There is no program {missing}; Debian has it in the package lxc."
            : OwnedProcess.Locate("newuidmap") is null ? null : IdMap.Fault(Text);
    }

    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
