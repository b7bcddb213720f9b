using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Snapshots;

/// <summary>A dataset is rotated where it is worked on and where its backups are, by two chains at once.</summary>
public sealed class RotationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PoolRole.Hypervisor)]
    [InlineData(PoolRole.Backup)]
    public async Task A_snapshot_goes_with_its_last_copy_whichever_that_is(PoolRole first)
    {
        await using var server = await RunningServer.StartAsync();
        var (kept, works) = await RotateBothAsync(server);
        foreach (var role in first is PoolRole.Backup ? new[] { PoolRole.Backup, PoolRole.Hypervisor } : [PoolRole.Hypervisor, PoolRole.Backup])
        {
            server.Node.Succeed(works[role]);
            await server.WaitForAsync(works[role].ChainId, ChainState.Done);
        }
        Assert.Equal([kept], await server.QueryAsync(db => db.Snapshots.Select(static s => s.Id).ToListAsync(Cancel)));
        Assert.Equal(0, await server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData(PoolRole.Hypervisor)]
    [InlineData(PoolRole.Backup)]
    public async Task A_snapshot_of_which_a_copy_could_not_be_destroyed_is_there_as_before(PoolRole held)
    {
        await using var server = await RunningServer.StartAsync();
        var (_, works) = await RotateBothAsync(server);
        server.Node.Fail(works[held], "dataset is busy");
        await server.WaitUntilAsync(db => db.TransactionChains.AllAsync(c => c.Id != works[held].ChainId || c.State != ChainState.Queued, Cancel));
        var other = works.Single(w => w.Key != held).Value;
        server.Node.Succeed(other);
        await server.WaitForAsync(other.ChainId, ChainState.Done);
        Assert.All(await server.QueryAsync(db => db.Snapshots.ToListAsync(Cancel)), static s => Assert.Equal(Confirmed.Yes, s.Confirmed));
        Assert.Equal([held], await server.QueryAsync(db => db.SnapshotInPools.Where(static c => c.Snapshot.Name == "2026-05-01T01:00:00").Select(static c => c.DatasetInPool.Pool.Role).ToListAsync(Cancel)));
        Assert.Equal(0, await server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_without_any_copy_is_none_whether_the_last_was_destroyed_or_never_made(bool destroyed)
    {
        await using var server = await RunningServer.StartAsync();
        var dataset = await server.AddDatasetAsync("101");
        var snapshot = await server.AddSnapshotAsync(dataset, "2026-05-01T01:00:00");
        var pool = await server.AddBackupPoolAsync();
        var chain = (await server.UseAsync<ChainStarter, StartedChain<bool>>((chains, db) => chains.StartAsync(new("x", "X"), 1, async builder =>
        {
            var copy = await db.SnapshotInPools.SingleAsync(Cancel);
            if (destroyed)
            {
                // Nobody knew that it would be the last.
                builder.Append(1, TransactionType.DestroySnapshot, new JsonObject()).Destroy(copy);
                return true;
            }
            db.Remove(copy);
            var made = new SnapshotInPool { SnapshotId = snapshot, DatasetInPool = new() { DatasetId = dataset, PoolId = pool, Confirmed = Confirmed.Yes } };
            db.SnapshotInPools.Add(made);
            await db.SaveChangesAsync(Cancel);
            builder.Append(1, TransactionType.RemoveDownload, new JsonObject()).Create(made);
            return true;
        }, Cancel))).ChainId;
        if (destroyed)
            server.Node.Succeed(await server.Node.NextAsync(Cancel));
        else
            server.Node.Fail(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(chain, destroyed ? ChainState.Done : ChainState.Failed);
        Assert.Equal(0, await server.QueryAsync(db => db.Snapshots.CountAsync(Cancel)));
    }

    /// <summary>A dataset with two snapshots, of which one is to be kept in each place.</summary>
    /// <returns>The one that is kept, and what is to be done where.</returns>
    private static async Task<(long Kept, Dictionary<PoolRole, TransactionMessage> Works)> RotateBothAsync(RunningServer server)
    {
        var dataset = await server.AddDatasetAsync("101");
        var (old, kept) = (await server.AddSnapshotAsync(dataset, "2026-05-01T01:00:00"), await server.AddSnapshotAsync(dataset, "2026-05-02T01:00:00"));
        await server.AddBackupAsync(dataset, await server.AddBackupPoolAsync(), old, kept);
        var places = await server.QueryAsync(async db =>
        {
            var places = await db.DatasetInPools.Include(static i => i.Pool).ToListAsync(Cancel);
            foreach (var place in places)
                (place.MinSnapshots, place.MaxSnapshots) = (1, 1);
            await db.SaveChangesAsync(Cancel);
            return places.ToDictionary(static i => i.Id, static i => i.Pool.Role);
        });
        var roles = new Dictionary<long, PoolRole>();
        foreach (var (place, role) in places)
            roles[(await server.UseAsync<SnapshotRotation, long?>((rotation, _) => rotation.StartAsync(place, 1, Cancel)))!.Value] = role;
        var works = new Dictionary<PoolRole, TransactionMessage>();
        foreach (var _ in roles)
        {
            var work = await server.Node.NextAsync(Cancel);
            works[roles[work.ChainId]] = work;
        }
        return (kept, works);
    }
}
