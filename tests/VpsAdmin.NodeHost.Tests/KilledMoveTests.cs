using VpsAdmin.Client;
using VpsAdmin.HaveApi;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>One of those that take part in a move is killed in the middle of it and started again: the VPS runs in one place, whole, and nothing half done is left.</summary>
[Collection(nameof(MoveCluster))]
public sealed class KilledMoveTests(MoveCluster cluster)
{
    private const string FirstCopy = "first copy";
    private const string LastIncrement = "last increment";
    private const string Start = "start";

    // The copy, what was written during that, and what was written until the VPS stood still.
    private const int SendsBeforeLast = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FirstCopy)]
    [InlineData(LastIncrement)]
    [InlineData(Start)]
    public async Task A_source_that_is_killed_loses_nothing(string moment)
    {
        cluster.Require();
        await RequireWholeAsync(moment is Start ? StartGate : SourceGate(moment), async gate =>
        {
            await cluster.West.KillAsync();
            await cluster.West.StartAsync();
            gate.Open();
        });
    }

    [Theory]
    [InlineData(FirstCopy)]
    [InlineData(LastIncrement)]
    [InlineData(Start)]
    public async Task A_target_that_is_killed_loses_nothing(string moment)
    {
        cluster.Require();
        await RequireWholeAsync(moment is Start ? StartGate : TargetGate(moment), async gate =>
        {
            await cluster.East.KillAsync();
            // What it has started may outlive it, and go on beside what the next one starts.
            gate.Open();
            await cluster.East.StartAsync();
        });
    }

    [Theory]
    [InlineData(FirstCopy)]
    [InlineData(LastIncrement)]
    [InlineData(Start)]
    public async Task A_server_that_is_killed_loses_nothing(string moment)
    {
        cluster.Require();
        await RequireWholeAsync(moment is Start ? StartGate : SourceGate(moment), async gate =>
        {
            await cluster.KillServerAsync();
            gate.Open();
        });
    }

    private Func<Task<GatedProgram>> SourceGate(string moment) => () => cluster.West.GateAsync("zfs", "'send '*/*", GateAt.Output, Skipped(moment));

    private Func<Task<GatedProgram>> TargetGate(string moment) => () => cluster.East.GateAsync("zfs", "'receive '*/*", GateAt.Input, Skipped(moment));

    private Task<GatedProgram> StartGate() => cluster.East.GateAsync("lxc-start", "*");

    private static int Skipped(string moment) => moment is FirstCopy ? 0 : SendsBeforeLast;

    private async Task RequireWholeAsync(Func<Task<GatedProgram>> close, Func<GatedProgram, Task> interfere)
    {
        var vps = await cluster.CreateVpsAsync(cluster.West);
        var sum = await cluster.West.Systems.AttachAsync(vps.Id, "sha256sum /root/data");
        var gate = await close();
        var move = await cluster.BeginMoveAsync(vps, cluster.East);
        await gate.WaitingAsync(Cancel);

        await interfere(gate);

        var here = await EndedAsync(move) ? cluster.East : cluster.West;
        await cluster.SettleAsync();
        Assert.Equal((true, here.Name), await StatusAsync(vps));
        Assert.Equal(sum, await here.Systems.AttachAsync(vps.Id, "sha256sum /root/data"));
        Assert.False(await (here == cluster.East ? cluster.West : cluster.East).Systems.IsRunningAsync(vps.Id));
        Assert.Empty(await cluster.FindingsAsync());
    }

    /// <returns>Whether it has gone to its end; false: back.</returns>
    private async Task<bool> EndedAsync(long move)
    {
        try
        {
            await cluster.Admin.WaitAsync(move, null, Cancel);
            return true;
        }
        catch (ActionAbortedException)
        {
            return false;
        }
    }

    private async Task<(bool?, string?)> StatusAsync(Vps vps)
    {
        var now = await cluster.Admin.GetVpsAsync(vps.Id, Cancel);
        return (now.IsRunning, now.Node!.Label);
    }
}
