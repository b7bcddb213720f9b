using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Transfers;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Snapshots;

/// <summary>Takes a dataset back to one of its snapshots, in history too (spec 1.4, 2.3).</summary>
public sealed class SnapshotRollback(VpsAdminDb db, ChainStarter chains, BackupTransfer transfer, BackupTree trees, SnapshotSending sending)
{
    /// <param name="snapshots">Those that the user may roll back to.</param>
    /// <exception cref="ActionRefusedException">The snapshot is not there, a newer one is in use, or another chain works on the dataset.</exception>
    public Task<StartedChain<long>> StartAsync(IQueryable<Snapshot> snapshots, long snapshotId, long userId, CancellationToken cancel) =>
        chains.StartAsync(new("rollback", "Rollback"), userId, async chain =>
        {
            var target = await snapshots.SingleOrDefaultAsync(s => s.Id == snapshotId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            var dataset = await db.Datasets.Include(static d => d.InPools).ThenInclude(static i => i.Pool).SingleAsync(d => d.Id == target.DatasetId, cancel).ConfigureAwait(false);
            chain.Concern<Snapshot>(target.Id);
            foreach (var inPool in dataset.InPools)
                await chain.LockAsync<DatasetInPool>(inPool.Id, cancel).ConfigureAwait(false);

            var paused = await VpsPause.BeginAsync(db, chain, dataset, cancel).ConfigureAwait(false);
            var local = dataset.Worked;
            var backups = dataset.InPools.Where(static i => i.Pool.Role is PoolRole.Backup).ToList();
            var plan = await PlanAsync(dataset, local, target, cancel).ConfigureAwait(false);
            await CheckFreeAsync(chain, local, plan, cancel).ConfigureAwait(false);
            if (plan.DestroyedCopies.Count > 0 && backups.Count > 0)
            {
                // Nothing that a backup could keep is lost.
                foreach (var backup in backups)
                    await transfer.AppendAsync(chain, local, backup, cancel).ConfigureAwait(false);
                plan = await PlanAsync(dataset, local, target, cancel).ConfigureAwait(false);
            }

            // All that takes long, may wait for another node, or can be taken back comes before what cannot.
            if (plan.Restore)
                await AppendFetchAsync(chain, local, backups, target, cancel).ConfigureAwait(false);
            var branched = plan.NewHistoryId is null ? [] : backups;
            foreach (var backup in branched)
                await trees.BranchAtAsync(chain, backup, target.Id, cancel).ConfigureAwait(false);
            paused?.Stop(chain);
            var work = plan.Restore
                ? await AppendRestoreAsync(chain, local, target, plan, cancel).ConfigureAwait(false)
                : await AppendRollbackAsync(chain, local, target, plan, cancel).ConfigureAwait(false);
            await ConfirmAsync(work, dataset, local, plan, cancel).ConfigureAwait(false);
            foreach (var backup in branched)
                await trees.ContinueAtAsync(work, backup, target.Id, cancel).ConfigureAwait(false);
            paused?.End(chain);
            return dataset.Id;
        }, cancel);

    private async Task<RollbackPlan> PlanAsync(Dataset dataset, DatasetInPool local, Snapshot target, CancellationToken cancel)
    {
        var all = await db.Snapshots.Where(s => s.DatasetId == dataset.Id)
            .Include(static s => s.InPools).ThenInclude(static c => c.InBranches).ToListAsync(cancel).ConfigureAwait(false);
        var seen = all.OrderBy(static s => s.CreatedAt).ThenBy(static s => s.Id).Select(s => new RollbackSnapshot(
            s.Id, s.HistoryId,
            s.InPools.Exists(c => c.DatasetInPoolId == local.Id && c.Confirmed is not Confirmed.Destroy),
            [.. s.InPools.SelectMany(static c => c.InBranches).Where(static b => b.Confirmed is not Confirmed.Destroy).Select(static b => b.BranchId)])).ToList();
        if (seen.Single(s => s.Id == target.Id) is { IsLocal: false, Branches.Count: 0 })
            throw new ActionRefusedException(StatusCodes.Status409Conflict, "snapshot is not available for rollback");
        return RollbackPlanner.Plan(seen, dataset.CurrentHistoryId, target.Id);
    }

    /// <summary>Copies that would be destroyed must be nobody's: not mounted, not what a clone begins at, not being exported.</summary>
    private async Task CheckFreeAsync(ChainBuilder chain, DatasetInPool local, RollbackPlan plan, CancellationToken cancel)
    {
        var copies = await db.SnapshotInPools.Include(static c => c.Snapshot)
            .Where(c => c.DatasetInPoolId == local.Id && plan.DestroyedCopies.Contains(c.SnapshotId)).ToListAsync(cancel).ConfigureAwait(false);
        if (copies.Find(static c => c.ReferenceCount > 0) is { } used)
            throw ActionRefusedException.Refused($"snapshot '{used.Snapshot.Name}' is in use");
        foreach (var copy in copies)
            await chain.LockAsync<SnapshotInPool>(copy.Id, cancel).ConfigureAwait(false);
        foreach (var lost in plan.DestroyedSnapshots)
            await chain.LockAsync<Snapshot>(lost, cancel).ConfigureAwait(false);
    }

    private async Task<PlannedTransaction> AppendRollbackAsync(
        ChainBuilder chain, DatasetInPool local, Snapshot target, RollbackPlan plan, CancellationToken cancel)
    {
        var input = new RollbackDatasetInput(
            local.Pool.Filesystem, local.Dataset.FullName, target.Name, await NamesAsync(plan.DestroyedCopies, cancel).ConfigureAwait(false));
        return chain.Append(local.Pool.NodeId, TransactionType.RollbackDataset, Json(input, NodeJson.Default.RollbackDatasetInput));
    }

    /// <summary>Brings the snapshot from a backup, beside the dataset.</summary>
    private async Task AppendFetchAsync(ChainBuilder chain, DatasetInPool local, IReadOnlyList<DatasetInPool> backups, Snapshot target, CancellationToken cancel)
    {
        var (backup, source) = await SourceAsync(backups, target, cancel).ConfigureAwait(false);
        var dataset = local.Dataset;
        await sending.AppendAsync(
            chain, new(backup.Pool, BackupTree.Path(dataset.FullName, source.Branch)), new(local.Pool, dataset.FullName) { RestoreKey = dataset.Id }, from: null, [target],
            cancel).ConfigureAwait(false);
    }

    private async Task<PlannedTransaction> AppendRestoreAsync(ChainBuilder chain, DatasetInPool local, Snapshot target, RollbackPlan plan, CancellationToken cancel)
    {
        var (pool, dataset) = (local.Pool, local.Dataset);
        var copy = new SnapshotInPool { Snapshot = target, DatasetInPool = local };
        db.SnapshotInPools.Add(copy);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        var apply = new ApplyRollbackInput(
            pool.Filesystem, dataset.FullName, dataset.Id, target.Name, await NamesAsync(plan.DestroyedCopies, cancel).ConfigureAwait(false));
        return chain.Append(pool.NodeId, TransactionType.ApplyRollback, Json(apply, NodeJson.Default.ApplyRollbackInput)).Create(copy);
    }

    private async Task<(DatasetInPool Backup, SnapshotInBranch Source)> SourceAsync(
        IReadOnlyList<DatasetInPool> backups, Snapshot target, CancellationToken cancel)
    {
        foreach (var backup in backups)
        {
            if (await trees.FindAsync(backup.Id, target.Id, cancel).ConfigureAwait(false) is { Confirmed: Confirmed.Yes } found)
                return (backup, found);
        }
        throw new ActionRefusedException(StatusCodes.Status409Conflict, "snapshot is not available for rollback");
    }

    private async Task ConfirmAsync(PlannedTransaction work, Dataset dataset, DatasetInPool local, RollbackPlan plan, CancellationToken cancel)
    {
        var copies = await db.SnapshotInPools.Where(c => c.DatasetInPoolId == local.Id && plan.DestroyedCopies.Contains(c.SnapshotId)).ToListAsync(cancel).ConfigureAwait(false);
        foreach (var copy in copies)
            work.Destroy(copy);
        foreach (var lost in await db.Snapshots.Where(s => plan.DestroyedSnapshots.Contains(s.Id)).ToListAsync(cancel).ConfigureAwait(false))
            work.Destroy(lost);
        if (plan.NewHistoryId is not { } history)
            return;
        work.EditAfter<Dataset>(dataset.Id, (nameof(Dataset.CurrentHistoryId), history));
        foreach (var moved in plan.Moved)
            work.EditAfter<Snapshot>(moved, (nameof(Snapshot.HistoryId), history));
    }

    private async Task<List<string>> NamesAsync(IReadOnlyList<long> ids, CancellationToken cancel) =>
        await db.Snapshots.Where(s => ids.Contains(s.Id)).OrderBy(static s => s.CreatedAt).ThenBy(static s => s.Id).Select(static s => s.Name)
            .ToListAsync(cancel).ConfigureAwait(false);

    private static JsonNode Json<T>(T input, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(input, type)!;
}
