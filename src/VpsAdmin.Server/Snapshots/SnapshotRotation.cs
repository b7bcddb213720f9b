using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Snapshots;

/// <summary>Destroys snapshots of a dataset on a pool that have had their time.</summary>
public sealed class SnapshotRotation(VpsAdminDb db, ChainStarter chains, TimeProvider time)
{
    /// <returns>The chain that does it; null: there is nothing to destroy.</returns>
    /// <exception cref="ActionRefusedException">Another chain works on the dataset.</exception>
    public async Task<long?> StartAsync(long datasetInPoolId, long userId, CancellationToken cancel)
    {
        if ((await PlanAsync(datasetInPoolId, cancel).ConfigureAwait(false)).Count == 0)
            return null;
        // Null: it is gone meanwhile, and so are its snapshots when they are looked at again.
        var datasetId = await db.DatasetInPools.Where(i => i.Id == datasetInPoolId).Select(static i => (long?)i.DatasetId).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        db.ChangeTracker.Clear();
        return await chains.StartIfAnyAsync(new("rotate", "Rotate snapshots"), userId, datasetId, async chain =>
        {
            await chain.LockAsync<DatasetInPool>(datasetInPoolId, cancel).ConfigureAwait(false);
            // Again, now that nobody else can change it.
            var copies = await PlanAsync(datasetInPoolId, cancel).ConfigureAwait(false);
            var left = LeftBranches(copies);
            // One that somebody holds keeps none of the others. Only where the branch goes too, which takes with it what is still in it, all have to be gone first.
            foreach (var copy in copies.Where(c => !IsIn(left, c)))
                (await AppendAsync(chain, copy, cancel).ConfigureAwait(false)).KeepGoing();
            foreach (var copy in copies.Where(c => IsIn(left, c)))
                await AppendAsync(chain, copy, cancel).ConfigureAwait(false);
            AppendBranches(chain, left, copies);
            AppendEmptyTrees(chain, copies);
            return copies.Count > 0;
        }, cancel).ConfigureAwait(false);
    }

    private static bool IsIn(HashSet<Branch> branches, SnapshotInPool copy) => copy.InBranches.Exists(b => branches.Contains(b.Branch));

    /// <summary>Branches that backups do not go to any more, and that lose their last snapshot.</summary>
    private static HashSet<Branch> LeftBranches(List<SnapshotInPool> destroyed)
    {
        var ids = destroyed.Select(static c => c.Id).ToHashSet();
        return [.. destroyed.SelectMany(static c => c.InBranches).Select(static b => b.Branch).Where(static b => b is not { IsHead: true, Tree.IsHead: true })
            .Where(b => b.Snapshots.TrueForAll(s => s.Confirmed is Confirmed.Destroy || ids.Contains(s.SnapshotInPoolId)))];
    }

    private async Task<List<SnapshotInPool>> PlanAsync(long datasetInPoolId, CancellationToken cancel)
    {
        // Gone meanwhile, with its snapshots.
        if (await db.DatasetInPools.Include(static i => i.Pool).SingleOrDefaultAsync(i => i.Id == datasetInPoolId, cancel).ConfigureAwait(false) is not { } inPool)
            return [];
        // Each branch once, with all that is in it: by way of the copies each of them would bring all others of its branch along.
        await db.DatasetTrees.Where(t => t.DatasetInPoolId == datasetInPoolId).Include(static t => t.Branches).ThenInclude(static b => b.Snapshots).LoadAsync(cancel).ConfigureAwait(false);
        var copies = (await db.SnapshotInPools.Where(c => c.DatasetInPoolId == datasetInPoolId && c.Confirmed == Confirmed.Yes)
                .Include(static c => c.Snapshot).ThenInclude(static s => s.Dataset).Include(static c => c.Snapshot).ThenInclude(static s => s.InPools)
                .Include(static c => c.DatasetInPool).ThenInclude(static i => i.Pool).Include(static c => c.InBranches).ThenInclude(static b => b.Origin)
                .ToListAsync(cancel).ConfigureAwait(false))
            .OrderBy(static c => c.Snapshot.CreatedAt).ThenBy(static c => c.SnapshotId).ToList();
        var needed = inPool.Pool.Role is PoolRole.Backup ? Tips(copies) : await UnsavedAsync(inPool, copies, cancel).ConfigureAwait(false);
        var limits = new RotationLimits(inPool.MinSnapshots, inPool.MaxSnapshots, TimeSpan.FromSeconds(inPool.SnapshotMaxAge));
        var planned = RotationPlanner.Plan(
            [.. copies.Select(c => new RotatedSnapshot(c.Id, c.Snapshot.CreatedAt, c.ReferenceCount > 0 || needed.Contains(c.SnapshotId)))], limits, time.GetUtcNow());
        return copies.FindAll(c => planned.Contains(c.Id));
    }

    /// <summary>The next backup goes on from the newest snapshot of a head.</summary>
    private static HashSet<long> Tips(IEnumerable<SnapshotInPool> copies) =>
    [
        .. copies.Where(static c => c.InBranches.Exists(static b => b.Branch is { IsHead: true, Tree.IsHead: true })).Select(static c => c.SnapshotId).TakeLast(1),
    ];

    /// <summary>Where there are backups: what one of them lacks, and the newest that it has, which the next backup goes on from.</summary>
    private async Task<HashSet<long>> UnsavedAsync(DatasetInPool local, IReadOnlyList<SnapshotInPool> copies, CancellationToken cancel)
    {
        var needed = new HashSet<long>();
        var backups = await db.DatasetInPools.Where(i => i.DatasetId == local.DatasetId && i.Pool.Role == PoolRole.Backup).Select(static i => i.Id).ToListAsync(cancel).ConfigureAwait(false);
        foreach (var backup in backups)
        {
            var saved = copies.Where(c => c.Snapshot.InPools.Exists(p => p.DatasetInPoolId == backup && p.Confirmed is Confirmed.Yes)).Select(static c => c.SnapshotId).ToList();
            needed.UnionWith(copies.Select(static c => c.SnapshotId).Except(saved));
            needed.UnionWith(saved.TakeLast(1));
        }
        return needed;
    }

    private static async Task<PlannedTransaction> AppendAsync(ChainBuilder chain, SnapshotInPool copy, CancellationToken cancel)
    {
        await chain.LockAsync<SnapshotInPool>(copy.Id, cancel).ConfigureAwait(false);
        var snapshot = copy.Snapshot;
        chain.Concern<Snapshot>(snapshot.Id);
        var inBranch = copy.InBranches.SingleOrDefault();
        var dataset = inBranch is null ? snapshot.Dataset.FullName : BackupTree.Path(snapshot.Dataset.FullName, inBranch.Branch);
        var pool = copy.DatasetInPool.Pool;
        var input = new DestroySnapshotInput(pool.Filesystem, dataset, snapshot.Name);
        var work = chain.Append(pool.NodeId, TransactionType.DestroySnapshot, JsonSerializer.SerializeToNode(input, NodeJson.Default.DestroySnapshotInput)!);
        if (inBranch is not null)
            work.Destroy(inBranch);
        if (inBranch?.Origin is { } origin)
            work.Decrement<SnapshotInPool>(origin.SnapshotInPoolId, nameof(SnapshotInPool.ReferenceCount));
        work.Destroy(copy);
        // Perhaps another chain destroys the rest of it, and comes to its end first (SnapshotEnd).
        if (snapshot.InPools.TrueForAll(static p => p.Confirmed is Confirmed.Destroy))
            work.Destroy(snapshot);
        return work;
    }

    /// <summary>A branch that was left goes with its last snapshot, and the snapshot that it begins behind is free then.</summary>
    private static void AppendBranches(ChainBuilder chain, HashSet<Branch> left, List<SnapshotInPool> destroyed)
    {
        foreach (var branch in left)
        {
            var copy = destroyed.First(c => c.InBranches.Exists(b => b.BranchId == branch.Id));
            var input = new DestroyDatasetInput(copy.DatasetInPool.Pool.Filesystem, BackupTree.Path(copy.Snapshot.Dataset.FullName, branch));
            chain.Append(copy.DatasetInPool.Pool.NodeId, TransactionType.DestroyDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.DestroyDatasetInput)!)
                .Destroy(branch);
        }
    }

    /// <summary>A tree that backups do not go to any more goes with its last branch.</summary>
    private static void AppendEmptyTrees(ChainBuilder chain, List<SnapshotInPool> destroyed)
    {
        foreach (var tree in destroyed.SelectMany(static c => c.InBranches).Select(static b => b.Branch.Tree).Distinct())
        {
            if (tree.IsHead || tree.Branches.Exists(static b => b.Confirmed is not Confirmed.Destroy))
                continue;
            var copy = destroyed.First(c => c.InBranches.Exists(b => b.Branch.TreeId == tree.Id));
            var input = new DestroyDatasetInput(copy.DatasetInPool.Pool.Filesystem, $"{copy.Snapshot.Dataset.FullName}/{tree.FullName}");
            chain.Append(copy.DatasetInPool.Pool.NodeId, TransactionType.DestroyDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.DestroyDatasetInput)!)
                .Destroy(tree);
        }
    }
}
