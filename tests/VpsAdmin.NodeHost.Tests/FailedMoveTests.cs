using VpsAdmin.Client;
using VpsAdmin.HaveApi;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>Moves that fail for good, and are undone: the VPS runs where it was, and on the other node everything is as it was.</summary>
[Collection(nameof(MoveCluster))]
public sealed class FailedMoveTests(MoveCluster cluster)
{
    private const string Sums = "sha256sum /root/data /srv/data";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_does_not_start_there_runs_where_it_was_and_nothing_is_left_there()
    {
        cluster.Require();
        var (west, east) = (cluster.West, cluster.East);
        var vps = await cluster.CreateVpsAsync(west, null, "srv");
        var sums = await west.Systems.AttachAsync(vps.Id, Sums);
        await east.BreakAsync("lxc-start");
        try
        {
            await FailAsync(vps, east);
        }
        finally
        {
            east.Mend("lxc-start");
        }

        await RequireRunningAsync(vps, west, sums);
        Assert.False(await east.Systems.IsRunningAsync(vps.Id));
        Assert.False(await cluster.Zfs.ExistsAsync($"{east.Filesystem}/{vps.Id}", Cancel));
        Assert.False(Directory.Exists(await east.Systems.HomeAsync(vps.Id)));
        Assert.Empty(await cluster.FindingsAsync());

        // Nothing of it is in the way of the next one.
        await cluster.Admin.WaitAsync(await cluster.BeginMoveAsync(vps, east), null, Cancel);
        await cluster.SettleAsync();
        await RequireRunningAsync(vps, east, sums);
        Assert.Empty(await cluster.FindingsAsync());
    }

    [Fact]
    public async Task What_was_left_on_a_node_is_as_it_was_when_the_vps_may_not_come_back()
    {
        cluster.Require();
        var (west, east) = (cluster.West, cluster.East);
        var vps = await cluster.CreateVpsAsync(west, null, "srv");
        var sums = await west.Systems.AttachAsync(vps.Id, Sums);
        await cluster.Admin.WaitAsync(await cluster.BeginMoveAsync(vps, east, cleanup: false), null, Cancel);
        await cluster.SettleAsync();
        var left = $"{west.Filesystem}/{vps.Id}";
        var own = Path.Combine((await cluster.Zfs.GetFilesystemAsync(left, Cancel)).Mountpoint!, "root", "own");
        await File.WriteAllTextAsync(own, "written here", Cancel);
        var before = await cluster.Zfs.ListSnapshotsAsync(left, depth: null, Cancel);

        await FailAsync(vps, west);

        await RequireRunningAsync(vps, east, sums);
        Assert.Equal(before.Select(static s => (s.Name, s.Guid)), (await cluster.Zfs.ListSnapshotsAsync(left, depth: null, Cancel)).Select(static s => (s.Name, s.Guid)));
        Assert.Equal("written here", await File.ReadAllTextAsync(own, Cancel));

        await cluster.Zfs.DestroyRecursivelyAsync(left, Cancel);
        await cluster.Admin.WaitAsync(await cluster.BeginMoveAsync(vps, west), null, Cancel);
        await cluster.SettleAsync();
        await RequireRunningAsync(vps, west, sums);
        Assert.Empty(await cluster.FindingsAsync());
    }

    private async Task FailAsync(Vps vps, MovingNode target)
    {
        var move = await cluster.BeginMoveAsync(vps, target);
        await Assert.ThrowsAsync<ActionAbortedException>(() => cluster.Admin.WaitAsync(move, null, Cancel));
        await cluster.SettleAsync();
        Assert.Equal("failed", (string?)(await cluster.Admin.Api.CallAsync("transaction_chain#show", [move], null, null, Cancel)).Object["state"]);
    }

    private async Task RequireRunningAsync(Vps vps, MovingNode node, string sums)
    {
        var now = await cluster.Admin.GetVpsAsync(vps.Id, Cancel);
        Assert.Equal((true, node.Name), (now.IsRunning, now.Node!.Label));
        Assert.Equal(sums, await node.Systems.AttachAsync(vps.Id, Sums));
    }
}
