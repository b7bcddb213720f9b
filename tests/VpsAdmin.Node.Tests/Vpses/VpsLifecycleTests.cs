using VpsAdmin.Node.Runtime;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Vpses;

/// <summary>VPSes on a real LXC and a real ZFS.</summary>
public sealed class VpsLifecycleTests(LabFixture lab) : IAsyncLifetime
{
    private VpsNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await VpsNode.StartAsync(lab);

    public async ValueTask DisposeAsync()
    {
        // Null when the test was skipped.
        if (_node is not null)
            await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_vps_runs_on_its_dataset_and_keeps_its_data()
    {
        var vps = await _node.InstallAsync(101);
        await _node.RunAsync(TransactionType.StartVps, vps);

        Assert.Equal("vps.example.org", await _node.AttachAsync(vps, "hostname"));
        await _node.AttachAsync(vps, "sh", "-c", "echo data > /root/file");
        await _node.RunAsync(TransactionType.RestartVps, vps);
        Assert.Equal("data", await _node.AttachAsync(vps, "cat", "/root/file"));

        await _node.RunAsync(TransactionType.StopVps, vps);
        Assert.False(await _node.IsRunningAsync(vps));
        Assert.Equal("data\n", await File.ReadAllTextAsync(Path.Combine(_node.Node.Folder, "101/root/file"), Cancel));
        Assert.True(File.Exists(Path.Combine((await _node.HomeAsync(vps)).Folder, "console.log")));
    }

    [Fact]
    public async Task Its_root_writes_in_the_datasets_below_its_own()
    {
        var vps = await _node.InstallAsync(101);
        await _node.SucceedAsync(TransactionType.CreateDataset, new CreateDatasetInput(_node.Node.Filesystem, "101/srv", Quota: null));
        await _node.RunAsync(TransactionType.StartVps, vps);

        await _node.AttachAsync(vps, "sh", "-c", "echo data > /srv/file");

        await _node.RunAsync(TransactionType.StopVps, vps);
        Assert.Equal("data\n", await File.ReadAllTextAsync(Path.Combine(_node.Node.Folder, "101/srv/file"), Cancel));
        await lab.Zfs.UnmountAsync($"{_node.Node.Filesystem}/101/srv", Cancel);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_node.Node.Folder, "101/srv")));
    }

    [Fact]
    public async Task What_a_vps_says_on_its_console_is_read_from_the_end()
    {
        var vps = await _node.InstallAsync(101);
        var console = new VpsConsole(lab.Zfs);
        Assert.Equal("", await console.ReadAsync(new(vps, VpsConsole.Longest), Cancel));
        Assert.Null(await console.ReadAsync(new(vps with { VpsId = 102 }, VpsConsole.Longest), Cancel));
        await _node.RunAsync(TransactionType.StartVps, vps);
        await _node.AttachAsync(vps, "sh", "-c", "echo said > /dev/console");

        // The monitor writes it down in its own time.
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await console.ReadAsync(new(vps, 6), Cancel) is not "said\r\n")
            await look.WaitForNextTickAsync(Cancel);

        // When it is full, what was before goes into another file.
        var log = Path.Combine((await _node.HomeAsync(vps)).Folder, "console.log");
        await File.WriteAllTextAsync(log + ".1", "older ", Cancel);
        Assert.StartsWith("r ", await console.ReadAsync(new(vps, (int)new FileInfo(log).Length + 2), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_root_is_nobody_on_the_node()
    {
        var vps = await _node.InstallAsync(101);
        await _node.RunAsync(TransactionType.StartVps, vps);
        Assert.Equal("0", await _node.AttachAsync(vps, "id", "-u"));
        Assert.Equal($"0 {IdMap.First} {IdMap.Count}", string.Join(' ', (await _node.AttachAsync(vps, "cat", "/proc/1/uid_map")).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task A_node_that_starts_anew_finds_what_runs()
    {
        var vps = await _node.InstallAsync(101);
        await _node.RunAsync(TransactionType.StartVps, vps);
        await _node.Node.StopAsync();
        var observer = new VpsObserver(lab.Zfs, new LxcRuntime(new VpsOptions(_node.Templates), TimeProvider.System), TimeProvider.System);
        _node.Node.Start();

        var sample = Assert.Single(await observer.SampleAsync([vps], Cancel));
        Assert.True(sample.IsRunning);
        Assert.True(sample.Uptime >= 0);
        Assert.True(sample.Processes >= 1);
        Assert.True(sample.UsedMemory > 0);
    }

    [Fact]
    public async Task What_it_is_doing_is_seen_from_outside()
    {
        var vps = await _node.InstallAsync(101);
        var other = await _node.CreateAsync(102);
        Assert.Equal([new VpsSample(101, IsRunning: false), new VpsSample(102, IsRunning: false)], await _node.Observer.SampleAsync([vps, other], Cancel));

        await _node.RunAsync(TransactionType.StartVps, vps);
        Assert.Null((await _node.Observer.SampleAsync([vps], Cancel))[0].Load);
        await _node.AttachAsync(vps, "sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
        Assert.True((await _node.Observer.SampleAsync([vps], Cancel))[0].Load > 0);
    }

    [Fact]
    public async Task Limits_are_the_kernels_and_change_while_it_runs()
    {
        var vps = await _node.InstallAsync(101);
        await _node.RunAsync(TransactionType.StartVps, vps);
        Assert.Equal(64L << 20, await LimitAsync(vps, "memory.limit_in_bytes", "memory.max"));

        var before = VpsNode.Configuration();
        await _node.SucceedAsync(TransactionType.ConfigureVps, new ConfigureVpsInput(vps, VpsNode.Configuration(new(Memory: 32, Processes: 20)), before));
        Assert.Equal(32L << 20, await LimitAsync(vps, "memory.limit_in_bytes", "memory.max"));
        Assert.Equal(20, await LimitAsync(vps, "pids.max", "pids.max"));

        // A fork that goes too far is refused by the kernel, and the VPS goes on.
        var (status, _) = await _node.TryAttachAsync(vps, "sh", "-c", "i=0; while [ $i -lt 25 ]; do sleep 1000 >/dev/null 2>&1 & i=$((i+1)); done");
        Assert.NotEqual(0, status);
        Assert.InRange((await _node.Observer.SampleAsync([vps], Cancel))[0].Processes!.Value, 10, 20);
    }

    [Theory]
    [InlineData(TransactionType.StartVps, false)]
    [InlineData(TransactionType.StopVps, true)]
    [InlineData(TransactionType.RestartVps, true)]
    [InlineData(TransactionType.StartVps, true)]
    public async Task Work_that_comes_twice_is_done_once_and_undone_to_what_was_before(TransactionType type, bool running)
    {
        var vps = await _node.InstallAsync(101);
        if (running)
            await _node.RunAsync(TransactionType.StartVps, vps);
        var message = _node.Node.Message(type, new RunVpsInput(vps, Patience: 30));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var finished = await _node.Node.RunAsync(message, Cancel);
            Assert.True(finished.Success, finished.Error);
            Assert.Equal(type is not TransactionType.StopVps, await _node.IsRunningAsync(vps));
        }

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var undone = await _node.Node.RunAsync(message with { Rollback = true, Queue = "rollback" }, Cancel);
            Assert.True(undone.Success, undone.Error);
            Assert.Equal(running, await _node.IsRunningAsync(vps));
        }
    }

    [Fact]
    public async Task A_chain_that_stops_and_starts_a_vps_is_undone_to_what_was_before_all_of_it()
    {
        var vps = await _node.InstallAsync(101);
        await _node.RunAsync(TransactionType.StartVps, vps);
        TransactionMessage[] chain =
        [
            .. new[] { TransactionType.StopVps, TransactionType.StartVps, TransactionType.StopVps }
                .Select(type => _node.Node.Message(type, new RunVpsInput(vps, Patience: 0)) with { ChainId = 7 }),
        ];
        foreach (var message in chain)
            Assert.True((await _node.Node.RunAsync(message, Cancel)).Success);
        foreach (var (message, running) in chain.Zip([true, false, true]).Reverse())
        {
            Assert.True((await _node.Node.RunAsync(message with { Rollback = true, Queue = "rollback" }, Cancel)).Success);
            Assert.Equal(running, await _node.IsRunningAsync(vps));
        }

        // What chains before have noted is nobody's any more.
        await _node.RunAsync(TransactionType.StopVps, vps);
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine((await _node.HomeAsync(vps)).Folder, "run"), Cancel));
    }

    [Fact]
    public async Task Undoing_what_never_began_changes_nothing()
    {
        var vps = await _node.InstallAsync(101);
        await _node.RunAsync(TransactionType.StartVps, vps);
        var undone = await _node.Node.RunAsync(_node.Node.Message(TransactionType.StartVps, new RunVpsInput(vps, Patience: 30), rollback: true), Cancel);
        Assert.True(undone.Success, undone.Error);
        Assert.True(await _node.IsRunningAsync(vps));
    }

    [Fact]
    public async Task A_system_is_not_made_over_files()
    {
        var vps = await _node.CreateAsync(101);
        var file = Path.Combine(_node.Node.Folder, "101/file");
        await File.WriteAllTextAsync(file, "data", Cancel);
        var message = _node.Node.Message(TransactionType.InstallVps, new InstallVpsInput(vps, "busybox", Replace: false));
        var finished = await _node.Node.RunAsync(message, Cancel);
        Assert.Contains("There are files in", finished.Error, StringComparison.Ordinal);
        Assert.True((await _node.Node.RunAsync(message with { Rollback = true, Queue = "rollback" }, Cancel)).Success);
        Assert.Equal("data", await File.ReadAllTextAsync(file, Cancel));
    }

    [Fact]
    public async Task A_system_is_replaced_and_comes_back_when_that_is_undone()
    {
        var vps = await _node.InstallAsync(101);
        var file = Path.Combine(_node.Node.Folder, "101/root/file");
        await File.WriteAllTextAsync(file, "data", Cancel);
        var message = _node.Node.Message(TransactionType.InstallVps, new InstallVpsInput(vps, "busybox", Replace: true));
        Assert.Contains("no snapshot", (await _node.Node.RunAsync(message, Cancel)).Error, StringComparison.Ordinal);
        Assert.True(File.Exists(file));

        await _node.Node.SnapshotAsync("101", "before", Cancel);
        message = _node.Node.Message(TransactionType.InstallVps, new InstallVpsInput(vps, "busybox", Replace: true));
        Assert.True((await _node.Node.RunAsync(message, Cancel)).Success);
        Assert.False(File.Exists(file));
        Assert.True((await _node.Node.RunAsync(message with { Rollback = true, Queue = "rollback" }, Cancel)).Success);
        Assert.Equal("data", await File.ReadAllTextAsync(file, Cancel));
    }

    [Fact]
    public async Task A_system_is_replaced_around_the_datasets_below_it()
    {
        var vps = await _node.InstallAsync(101);
        await _node.SucceedAsync(TransactionType.CreateDataset, new CreateDatasetInput(_node.Node.Filesystem, "101/data/mail", Quota: null));
        var (old, mail) = (Path.Combine(_node.Node.Folder, "101/root/file"), Path.Combine(_node.Node.Folder, "101/data/mail/file"));
        await File.WriteAllTextAsync(old, "old", Cancel);
        await File.WriteAllTextAsync(mail, "kept", Cancel);
        await _node.Node.SnapshotAsync("101", "before", Cancel);
        var message = _node.Node.Message(TransactionType.InstallVps, new InstallVpsInput(vps, "busybox", Replace: true));

        for (var delivery = 0; delivery < 2; delivery++)
            Assert.Null((await _node.Node.RunAsync(message, Cancel)).Error);
        Assert.False(File.Exists(old));
        await _node.RunAsync(TransactionType.StartVps, vps);
        Assert.Equal("kept", await _node.AttachAsync(vps, "cat", "/data/mail/file"));
        await _node.RunAsync(TransactionType.StopVps, vps);

        Assert.Null((await _node.Node.RunAsync(message with { Rollback = true, Queue = "rollback" }, Cancel)).Error);
        Assert.Equal(("old", "kept"), (await File.ReadAllTextAsync(old, Cancel), await File.ReadAllTextAsync(mail, Cancel)));
    }

    [Fact]
    public async Task What_is_kept_of_a_vps_goes_with_it_and_its_data_stay()
    {
        var vps = await _node.InstallAsync(101);
        await _node.RunAsync(TransactionType.StartVps, vps);
        var home = await _node.HomeAsync(vps);
        await _node.SucceedAsync(TransactionType.DestroyVps, new DestroyVpsInput(vps));
        await _node.SucceedAsync(TransactionType.DestroyVps, new DestroyVpsInput(vps));
        Assert.False(Directory.Exists(home.Folder));
        Assert.True(File.Exists(Path.Combine(_node.Node.Folder, "101/bin/busybox")));
    }

    [Fact]
    public async Task A_vps_that_does_not_start_says_why()
    {
        var vps = await _node.CreateAsync(101);
        await _node.SucceedAsync(TransactionType.ConfigureVps, new ConfigureVpsInput(vps, VpsNode.Configuration(), Before: null));
        var finished = await _node.Node.RunAsync(TransactionType.StartVps, new RunVpsInput(vps, Patience: 30), Cancel);
        Assert.False(finished.Success);
        Assert.StartsWith("VPS 101 does not start: ", finished.Error, StringComparison.Ordinal);
    }

    private async Task<long> LimitAsync(VpsPlace vps, string first, string second)
    {
        var home = await _node.HomeAsync(vps);
        string[] which = ["--lxcpath", Path.GetDirectoryName(home.Folder)!, "--name", Path.GetFileName(home.Folder)];
        var key = File.Exists("/sys/fs/cgroup/cgroup.controllers") ? second : first;
        return long.Parse((await LxcProgram.AskAsync("lxc-cgroup", [.. which, key], Cancel)).Output, System.Globalization.CultureInfo.InvariantCulture);
    }
}
