using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Downloads;

/// <summary>Snapshots that no copy can be exported of: refused with 409, and nothing is left of the attempt.</summary>
public sealed class DownloadSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_of_which_there_is_no_copy_is_not_available()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        await ForgetCopiesAsync(server, PoolRole.Hypervisor);

        await RefusedAsync(server, snapshot, from: null, "snapshot is not available for download");
    }

    [Fact]
    public async Task A_copy_that_is_being_destroyed_is_none()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        await server.QueryAsync(db => db.SnapshotInPools.ExecuteUpdateAsync(static set => set.SetProperty(static c => c.Confirmed, Confirmed.Destroy), Cancel));

        await RefusedAsync(server, snapshot, from: null, "snapshot is not available for download");
    }

    [Fact]
    public async Task Ends_in_two_branches_of_a_backup_have_no_common_source_though_their_history_is_the_same()
    {
        await using var server = await RunningServer.StartAsync();
        var dataset = await server.AddDatasetAsync("101");
        var from = await server.AddSnapshotAsync(dataset, "2026-06-12T23:00:01");
        var snapshot = await server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01");
        var branch = await server.AddBackupAsync(dataset, await server.AddBackupPoolAsync(), from);
        await server.QueryAsync(async db =>
        {
            var old = await db.Branches.Include(static b => b.Tree).ThenInclude(static t => t.DatasetInPool).SingleAsync(b => b.Id == branch, Cancel);
            old.IsHead = false;
            var copy = new SnapshotInPool { SnapshotId = snapshot, DatasetInPool = old.Tree.DatasetInPool, Confirmed = Confirmed.Yes };
            var head = new Branch { Tree = old.Tree, Name = "2026-06-13T23:00:01", Index = 1, IsHead = true, CreatedAt = DateTimeOffset.UtcNow, Confirmed = Confirmed.Yes };
            head.Snapshots.Add(new() { SnapshotInPool = copy, Confirmed = Confirmed.Yes });
            db.Branches.Add(head);
            return await db.SaveChangesAsync(Cancel);
        });
        await ForgetCopiesAsync(server, PoolRole.Hypervisor);

        await RefusedAsync(server, snapshot, from, "snapshots do not have a common available source for incremental download");
    }

    private static Task<int> ForgetCopiesAsync(RunningServer server, PoolRole role) =>
        server.QueryAsync(db => db.SnapshotInPools.Where(c => c.DatasetInPool.Pool.Role == role).ExecuteDeleteAsync(Cancel));

    private static async Task RefusedAsync(RunningServer server, long snapshot, long? from, string words)
    {
        var refused = await Assert.ThrowsAsync<ActionRefusedException>(
            () => server.CreateDownloadAsync(snapshot, from, from is null ? DownloadFormat.Stream : DownloadFormat.IncrementalStream));
        Assert.Equal((409, words), (refused.HttpStatus, refused.Message));
        Assert.Equal((0, 0, 0), await server.QueryAsync(async db =>
            (await db.SnapshotDownloads.CountAsync(Cancel), await db.TransactionChains.CountAsync(Cancel), await db.ResourceLocks.CountAsync(Cancel))));
        Assert.True(server.Node.IsIdle);
    }
}
