using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;

namespace VpsAdmin.Server.Plans;

/// <summary>What is done to all datasets from time to time.</summary>
public sealed class DatasetPlans(VpsAdminDb db, PlannedChains chains)
{
    /// <summary>Datasets that another chain works on are left for the next time: a group is of one moment.</summary>
    /// <returns>Number of chains started, as of the others.</returns>
    public async Task<int> TakeSnapshotsAsync(DateTimeOffset until, CancellationToken cancel)
    {
        var pools = await db.Pools.Where(static p => p.Role != PoolRole.Backup).Select(static p => p.Id).ToListAsync(cancel).ConfigureAwait(false);
        var user = await AdministratorAsync(cancel).ConfigureAwait(false);
        return await chains.StartAsync(
            pools.Select(pool => new PlannedChain<GroupSnapshots>($"pool {pool}", InPoolId: null, group => group.StartAsync(pool, datasetIds: null, user, cancel))), until, cancel).ConfigureAwait(false);
    }

    public async Task<int> BackUpAsync(DateTimeOffset until, CancellationToken cancel)
    {
        var pools = await db.Pools.Where(static p => p.Role == PoolRole.Backup).OrderBy(static p => p.Id).Select(static p => p.Id).ToListAsync(cancel).ConfigureAwait(false);
        var datasets = await db.Datasets.Where(static d => d.Confirmed == Confirmed.Yes).OrderBy(static d => d.Id)
            .Select(static d => new { d.Id, d.UserId, Local = d.InPools.Where(static i => i.Pool.Role != PoolRole.Backup && i.Confirmed == Confirmed.Yes).Select(static i => (long?)i.Id).FirstOrDefault() })
            .ToListAsync(cancel).ConfigureAwait(false);
        // A dataset goes to one pool after another, and not all of them to the same one first: none of the pools has to wait for another.
        return await chains.StartAsync(
            Enumerable.Range(0, pools.Count).SelectMany(turn => datasets.Select((d, number) => (Dataset: d, Pool: pools[(number + turn) % pools.Count])))
                .Select(one => new PlannedChain<DatasetBackup>(
                    $"dataset {one.Dataset.Id} to pool {one.Pool}", one.Dataset.Local, backup => backup.StartAsync(one.Dataset.Id, one.Pool, one.Dataset.UserId, cancel))),
            until, cancel).ConfigureAwait(false);
    }

    public async Task<int> RotateAsync(DateTimeOffset until, CancellationToken cancel)
    {
        var inPools = await db.DatasetInPools.Where(static i => i.Confirmed == Confirmed.Yes).OrderBy(static i => i.Id).Select(static i => new { i.Id, i.Dataset.UserId }).ToListAsync(cancel).ConfigureAwait(false);
        return await chains.StartAsync(
            inPools.Select(one => new PlannedChain<SnapshotRotation>($"dataset in pool {one.Id}", one.Id, rotation => rotation.StartAsync(one.Id, one.UserId, cancel))), until, cancel).ConfigureAwait(false);
    }

    private Task<long> AdministratorAsync(CancellationToken cancel) => db.Users.Where(static u => u.Level >= 90).OrderBy(static u => u.Id).Select(static u => u.Id).FirstAsync(cancel);
}
