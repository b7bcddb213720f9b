using System.Globalization;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>The systems of the VPSes of one pool filesystem, asked by LXC's own programs.</summary>
internal sealed class NodeSystems(ZfsHost zfs, string filesystem)
{
    private static readonly UnixFileMode PassThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The lab's folder is its owner's alone; a VPS's root, who is nobody, has to get through to its files.</summary>
    public static async Task LetThroughAsync(ZfsHost zfs, string filesystem, CancellationToken cancel)
    {
        var mountpoint = (await zfs.GetFilesystemAsync(filesystem, cancel)).Mountpoint!;
        File.SetUnixFileMode(Path.GetDirectoryName(Path.GetDirectoryName(mountpoint))!, PassThrough);
    }

    /// <summary>What a command of the shell says in a VPS that runs.</summary>
    public async Task<string> AttachAsync(long vps, string script)
    {
        var (status, output) = await RunAsync("lxc-attach", vps, "--", "sh", "-c", script);
        Assert.Equal(0, status);
        return output.Trim();
    }

    public async Task<bool> IsRunningAsync(long vps) => (await RunAsync("lxc-info", vps, "--state", "--no-humanize")) is (0, "RUNNING\n");

    /// <summary>Also where there is none.</summary>
    public Task KillAsync(long vps) => RunAsync("lxc-stop", vps, "--kill");

    /// <summary>How many times it runs: each time has a monitor of its own.</summary>
    public async Task<int> CountAsync(long vps)
    {
        var monitor = $"[lxc monitor] {await AreaAsync()} {vps}";
        return Directory.EnumerateDirectories("/proc").Count(folder => CommandOf(folder) == monitor);
    }

    /// <summary>Bytes of memory, CPUs (null: all), and processes that it may have, as its control groups say.</summary>
    public async Task<(long Memory, double? Cpus, int Processes)> LimitsAsync(long vps)
    {
        if (!File.Exists("/sys/fs/cgroup/cgroup.controllers"))
        {
            var (quota, period) = (await NumberAsync("cpu.cfs_quota_us"), await NumberAsync("cpu.cfs_period_us"));
            return (await NumberAsync("memory.limit_in_bytes"), quota < 0 ? null : (double)quota / period, (int)await NumberAsync("pids.max"));
        }
        var cpu = (await ReadAsync("cpu.max")).Split(' ');
        return (await NumberAsync("memory.max"), cpu[0] is "max" ? null : double.Parse(cpu[0], CultureInfo.InvariantCulture) / double.Parse(cpu[1], CultureInfo.InvariantCulture), (int)await NumberAsync("pids.max"));

        async Task<long> NumberAsync(string key) => long.Parse(await ReadAsync(key), CultureInfo.InvariantCulture);
        async Task<string> ReadAsync(string key) => (await RunAsync("lxc-cgroup", vps, key)).Output.Trim();
    }

    /// <summary>Folder of what the node keeps of a VPS.</summary>
    public async Task<string> HomeAsync(long vps) => Path.Combine(await AreaAsync(), $"{vps}");

    private async Task<(int Status, string Output)> RunAsync(string program, long vps, params string[] arguments)
    {
        await using var process = OwnedProcess.Start(new ProcessSpec(program, ["--lxcpath", await AreaAsync(), "--name", $"{vps}", .. arguments], RedirectOutput: true));
        using var reader = new StreamReader(process.StandardOutput);
        var output = await reader.ReadToEndAsync(CancellationToken.None);
        return ((await process.Completion).ExitCode, output);
    }

    /// <summary>Null: it has just ended.</summary>
    private static string? CommandOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).TrimEnd('\0').Replace('\0', ' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task<string> AreaAsync() => (await zfs.GetFilesystemAsync(filesystem, CancellationToken.None)).Mountpoint + "/vpsadmin/vps";
}
