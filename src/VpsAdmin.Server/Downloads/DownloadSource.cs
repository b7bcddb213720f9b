using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Transfers;

namespace VpsAdmin.Server.Downloads;

/// <summary>Where an export reads.</summary>
/// <param name="Dataset">Below the pool filesystem; on a backup pool with tree and branch.</param>
/// <param name="Copies">What it reads, to be locked.</param>
internal sealed record ChosenSource(DatasetInPool InPool, string Dataset, IReadOnlyList<SnapshotInPool> Copies);

/// <summary>
/// Chooses the copies that an export reads (spec 2.4): a backup before the machine that a VPS runs on, and for an increment both ends in
/// one branch. Where a backup has the base only, it is brought up to date first.
/// </summary>
public sealed class DownloadSource(VpsAdminDb db, BackupTransfer transfer, BackupTree trees, SnapshotSending sending)
{
    internal async Task<ChosenSource> ChooseAsync(ChainBuilder chain, Snapshot snapshot, Snapshot? from, CancellationToken cancel)
    {
        if (await InBranchAsync(snapshot, from, cancel).ConfigureAwait(false) is { } backup)
            return backup;
        if (from is not null && await TransferredAsync(chain, snapshot, from, cancel).ConfigureAwait(false) is { } transferred)
            return transferred;
        if (Local(snapshot, from) is { } local)
            return local;
        throw new ActionRefusedException(StatusCodes.Status409Conflict, from is null
            ? "snapshot is not available for download"
            : "snapshots do not have a common available source for incremental download");
    }

    private async Task<ChosenSource?> InBranchAsync(Snapshot snapshot, Snapshot? from, CancellationToken cancel)
    {
        var found = (await db.SnapshotInBranches.Where(s => s.SnapshotInPool.SnapshotId == snapshot.Id)
                .Where(static s => s.Confirmed == Confirmed.Yes && s.SnapshotInPool.Confirmed == Confirmed.Yes && s.Branch.Confirmed == Confirmed.Yes && s.Branch.Tree.Confirmed == Confirmed.Yes)
                .Include(static s => s.SnapshotInPool).Include(static s => s.Branch).ThenInclude(static b => b.Tree)
                .ThenInclude(static t => t.DatasetInPool).ThenInclude(static i => i.Pool).ThenInclude(static p => p.Node)
                .ToListAsync(cancel).ConfigureAwait(false))
            .OrderByDescending(static s => s.Branch.Tree.IsHead).ThenByDescending(static s => s.Branch.IsHead)
            .ThenByDescending(static s => s.Branch.Tree.Index).ThenByDescending(static s => s.Branch.Index).ThenByDescending(static s => s.Id);
        foreach (var copy in found)
        {
            var inPool = copy.Branch.Tree.DatasetInPool;
            var path = BackupTree.Path(snapshot.Dataset.FullName, copy.Branch);
            if (from is null)
                return new(inPool, path, [copy.SnapshotInPool]);
            var fromCopy = await db.SnapshotInBranches.Include(static s => s.SnapshotInPool).SingleOrDefaultAsync(
                s => s.BranchId == copy.BranchId && s.SnapshotInPool.SnapshotId == from.Id && s.Confirmed == Confirmed.Yes && s.SnapshotInPool.Confirmed == Confirmed.Yes,
                cancel).ConfigureAwait(false);
            if (fromCopy is not null)
                return new(inPool, path, [copy.SnapshotInPool, fromCopy.SnapshotInPool]);
        }
        return null;
    }

    /// <summary>The base is in the head of a backup and the snapshot is not yet: the backup gets it in the same chain.</summary>
    private async Task<ChosenSource?> TransferredAsync(ChainBuilder chain, Snapshot snapshot, Snapshot from, CancellationToken cancel)
    {
        if (snapshot.InPools.Find(static c => c.Confirmed is Confirmed.Yes && c.DatasetInPool.Pool.Role is not PoolRole.Backup) is not { } localCopy)
            return null;
        foreach (var backup in from.InPools.Where(static c => c.Confirmed is Confirmed.Yes && c.DatasetInPool.Pool.Role is PoolRole.Backup).Select(static c => c.DatasetInPool))
        {
            var head = await trees.HeadAsync(backup.Id, cancel).ConfigureAwait(false);
            if (head?.Snapshots.Exists(s => s.SnapshotInPool.SnapshotId == from.Id && s.Confirmed is Confirmed.Yes) is not true)
                continue;
            if (!await sending.CanReachAsync(localCopy.DatasetInPool.Pool, backup.Pool, cancel).ConfigureAwait(false))
                continue;
            if (await transfer.AppendAsync(chain, localCopy.DatasetInPool, backup, cancel).ConfigureAwait(false) is not { } branch)
                continue;
            var copies = await db.SnapshotInBranches.Where(s => s.BranchId == branch.Id && (s.SnapshotInPool.SnapshotId == from.Id || s.SnapshotInPool.SnapshotId == snapshot.Id))
                .Select(static s => s.SnapshotInPool).ToListAsync(cancel).ConfigureAwait(false);
            return copies.Count == 2 || from.Id == snapshot.Id
                ? new(backup, BackupTree.Path(snapshot.Dataset.FullName, branch), copies)
                : throw new ActionRefusedException(StatusCodes.Status409Conflict, "snapshots do not have a common available source for incremental download");
        }
        return null;
    }

    private static ChosenSource? Local(Snapshot snapshot, Snapshot? from)
    {
        foreach (var copy in snapshot.InPools.Where(static c => c.Confirmed is not Confirmed.Destroy && c.DatasetInPool.Pool.Role is not PoolRole.Backup).OrderBy(static c => c.Id))
        {
            if (from is null)
                return new(copy.DatasetInPool, snapshot.Dataset.FullName, [copy]);
            if (from.InPools.Find(c => c.DatasetInPoolId == copy.DatasetInPoolId && c.Confirmed is not Confirmed.Destroy) is { } fromCopy)
                return new(copy.DatasetInPool, snapshot.Dataset.FullName, [copy, fromCopy]);
        }
        return null;
    }
}
