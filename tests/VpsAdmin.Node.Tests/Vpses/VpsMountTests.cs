using VpsAdmin.Lab;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Tests.Vpses;

/// <summary>
/// What is mounted below a VPS, and when: its system may change the folders on the way there at any time, and so nothing is while it runs, nor while it could begin to.
/// </summary>
public sealed class VpsMountTests(LabFixture lab) : IAsyncLifetime
{
    private readonly string _gates = Directory.CreateTempSubdirectory("gates-").FullName;
    private VpsNode _node = null!;
    private VpsPlace _vps = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Gate => Path.Combine(_gates, "open");

    public async ValueTask InitializeAsync()
    {
        _node = await VpsNode.StartAsync(lab);
        _vps = await _node.InstallAsync(101);
    }

    public async ValueTask DisposeAsync()
    {
        await File.WriteAllTextAsync(Gate, "");
        // Null when the test was skipped.
        if (_node is not null)
            await _node.DisposeAsync();
        Directory.Delete(_gates, recursive: true);
    }

    [Fact]
    public async Task A_dataset_that_is_made_while_it_runs_is_mounted_when_it_starts_next()
    {
        await _node.RunAsync(TransactionType.StartVps, _vps);

        await CreateAsync("101/srv");
        Assert.False(await IsMountedAsync("101/srv"));
        await new NestedDataset(lab.Zfs).MountAllAsync(_node.Node.Filesystem, Assert.Fail, Cancel);
        Assert.False(await IsMountedAsync("101/srv"));

        await _node.RunAsync(TransactionType.RestartVps, _vps);
        Assert.True(await IsMountedAsync("101/srv"));
        // As its root, who owns it.
        await _node.AttachAsync(_vps, "sh", "-c", "echo data > /srv/file");
        Assert.Equal("data\n", await File.ReadAllTextAsync(Path.Combine(_node.Node.Folder, "101/srv/file"), Cancel));
    }

    [Fact]
    public async Task A_link_in_the_way_keeps_it_from_nothing_but_the_dataset()
    {
        await _node.RunAsync(TransactionType.StartVps, _vps);
        await CreateAsync("101/srv");
        await _node.AttachAsync(_vps, "ln", "-s", "/etc", "/srv");

        await _node.RunAsync(TransactionType.RestartVps, _vps);

        Assert.True(await _node.IsRunningAsync(_vps));
        Assert.False(await IsMountedAsync("101/srv"));
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("post-stop")]
    public async Task One_that_is_about_to_end_is_started_when_it_has(string moment)
    {
        await EndSlowlyAsync(moment);
        await CreateAsync("101/srv");
        Assert.False(await IsMountedAsync("101/srv"));

        var started = await _node.Node.SendAsync(_node.Node.Message(TransactionType.StartVps, new RunVpsInput(_vps, Patience: 30)), Cancel);
        await File.WriteAllTextAsync(Gate, "", Cancel);

        Assert.Null((await started.WaitAsync(Cancel)).Error);
        Assert.Equal("RUNNING", await StateAsync());
        Assert.True(await IsMountedAsync("101/srv"));
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("post-stop")]
    public async Task A_stop_ends_when_nothing_of_it_runs(string moment)
    {
        await EndSlowlyAsync(moment);

        var stopped = await _node.Node.SendAsync(_node.Node.Message(TransactionType.StopVps, new RunVpsInput(_vps, Patience: 30)), Cancel);
        await File.WriteAllTextAsync(Gate, "", Cancel);

        Assert.Null((await stopped.WaitAsync(Cancel)).Error);
        Assert.False(LxcMonitor.IsAlive(await _node.HomeAsync(_vps)));
    }

    /// <summary>Its first process ends, and LXC waits for the gate before it clears up behind it.</summary>
    /// <param name="moment">Hook of LXC. In the first one nobody is told anything of the VPS, in the last one LXC says that it is stopped.</param>
    private async Task EndSlowlyAsync(string moment)
    {
        var (home, hook, reached) = (await _node.HomeAsync(_vps), Path.Combine(_gates, "hook"), Path.Combine(_gates, "reached"));
        await ProgramFile.WriteAsync(hook, $"#!/bin/sh\n: > {reached}\nuntil [ -e {Gate} ]; do sleep 0.05; done\n");
        await File.AppendAllTextAsync(Path.Combine(home.Folder, "config"), $"lxc.hook.{moment} = {hook}\n", Cancel);
        await _node.RunAsync(TransactionType.StartVps, _vps);
        await LxcProgram.RunAsync("kill", ["-KILL", (await LxcProgram.AskAsync("lxc-info", [.. Which(home), "--pid", "--no-humanize"], Cancel)).Output.Trim()], Cancel);
        await Until.TrueAsync(() => File.Exists(reached), Cancel);
    }

    private async Task<string> StateAsync() =>
        (await LxcProgram.AskAsync("lxc-info", [.. Which(await _node.HomeAsync(_vps)), "--state", "--no-humanize"], Cancel)).Output.Trim();

    private static string[] Which(VpsHome home) => ["--lxcpath", Path.GetDirectoryName(home.Folder)!, "--name", Path.GetFileName(home.Folder)];

    private Task CreateAsync(string dataset) => _node.SucceedAsync(TransactionType.CreateDataset, new CreateDatasetInput(_node.Node.Filesystem, dataset, Quota: null));

    private async Task<bool> IsMountedAsync(string dataset) => (await lab.Zfs.GetFilesystemAsync($"{_node.Node.Filesystem}/{dataset}", Cancel)).IsMounted;
}
