using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Tests.Vpses;

/// <summary>What runs again after the machine was started anew; a VPS that is killed stands for the machine's end.</summary>
public sealed class VpsAutostartTests(LabFixture lab) : IAsyncLifetime
{
    private readonly List<string> _told = [];
    private VpsNode _node = null!;
    private VpsPlace _vps = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await VpsNode.StartAsync(lab);
        _vps = await _node.InstallAsync(101);
    }

    public async ValueTask DisposeAsync()
    {
        // Null when the test was skipped.
        if (_node is not null)
            await _node.DisposeAsync();
    }

    [Fact]
    public async Task What_ran_runs_again_when_the_machine_was_started_anew_and_only_then()
    {
        await _node.RunAsync(TransactionType.StartVps, _vps);
        await EndAsync();
        await StartAsync(VpsAutostart.Machine);
        Assert.False(await _node.IsRunningAsync(_vps));

        await StartAsync("another start");
        Assert.True(await _node.IsRunningAsync(_vps));
        Assert.Equal(["VPS 101 runs again"], _told);

        // Once: who shuts down now stays so, whoever takes the node's place.
        await EndAsync();
        await StartAsync("another start");
        Assert.False(await _node.IsRunningAsync(_vps));
    }

    [Theory]
    [InlineData(TransactionType.StopVps)]
    [InlineData(TransactionType.DestroyVps)]
    public async Task What_was_stopped_or_is_no_more_stays_so(TransactionType end)
    {
        await _node.RunAsync(TransactionType.StartVps, _vps);
        if (end is TransactionType.StopVps)
            await _node.RunAsync(end, _vps);
        else
            await _node.SucceedAsync(end, new DestroyVpsInput(_vps));
        await StartAsync("another start");
        Assert.Empty(_told);
        Assert.Equal([new VpsSample(101, IsRunning: false)], await _node.Observer.SampleAsync([_vps], Cancel));
    }

    [Fact]
    public async Task A_stop_that_is_undone_is_as_if_it_had_not_been()
    {
        await _node.RunAsync(TransactionType.StartVps, _vps);
        var stop = _node.Node.Message(TransactionType.StopVps, new RunVpsInput(_vps, Patience: 0));
        Assert.True((await _node.Node.RunAsync(stop, Cancel)).Success);
        Assert.True((await _node.Node.RunAsync(stop with { Rollback = true, Queue = "rollback" }, Cancel)).Success);
        await EndAsync();
        await StartAsync("another start");
        Assert.True(await _node.IsRunningAsync(_vps));
    }

    [Fact]
    public async Task One_that_does_not_start_keeps_nobody_from_starting_and_is_told_of_once()
    {
        var other = await _node.InstallAsync(102);
        foreach (var vps in new[] { _vps, other })
        {
            await _node.RunAsync(TransactionType.StartVps, vps);
            await EndAsync(vps);
        }
        await File.WriteAllTextAsync(Path.Combine((await _node.HomeAsync(_vps)).Folder, "config"), "lxc.rootfs.path = dir:/nonexistent\n", Cancel);
        await StartAsync("another start");
        await StartAsync("another start");
        Assert.Equal(2, _told.Count);
        Assert.StartsWith("VPS 101 does not start: ", _told[0], StringComparison.Ordinal);
        Assert.True(await _node.IsRunningAsync(other));
    }

    [Fact]
    public async Task A_note_that_cannot_be_written_keeps_nobody_from_starting()
    {
        var other = await _node.InstallAsync(102);
        foreach (var vps in new[] { _vps, other })
        {
            await _node.RunAsync(TransactionType.StartVps, vps);
            await EndAsync(vps);
        }
        // Root writes everywhere but over a folder.
        Directory.CreateDirectory(Path.Combine((await _node.HomeAsync(_vps)).Folder, "autostart.part"));
        await StartAsync("another start");
        Assert.Contains(_told, static words => words.StartsWith("Whether VPS 101 is to run cannot be read or noted: ", StringComparison.Ordinal));
        Assert.True(await _node.IsRunningAsync(other));
    }

    private Task StartAsync(string machine) => new VpsAutostart(_node.Node.Zfs, _node.Runtime, machine).RunAsync([_vps.Filesystem], _told.Add, Cancel);

    private async Task EndAsync(VpsPlace? vps = null) => await _node.Runtime.StopAsync(await _node.HomeAsync(vps ?? _vps), TimeSpan.Zero, Cancel);
}
