using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Transfers;

namespace VpsAdmin.Server.Backups;

/// <summary>Brings a backup of a dataset up to date, on whichever node it is, as a part of a chain (spec 2.1, 2.4).</summary>
public sealed class BackupTransfer(VpsAdminDb db, BackupTree trees, SnapshotSending sending)
{
    /// <summary>Appends what is missing in the backup. Both datasets are locked.</summary>
    /// <returns>The branch that has all snapshots afterwards; null: nothing is missing.</returns>
    public async Task<Branch?> AppendAsync(ChainBuilder chain, DatasetInPool local, DatasetInPool backup, CancellationToken cancel)
    {
        await chain.LockAsync<DatasetInPool>(local.Id, cancel).ConfigureAwait(false);
        await chain.LockAsync<DatasetInPool>(backup.Id, cancel).ConfigureAwait(false);
        var snapshots = (await db.SnapshotInPools.Include(static c => c.Snapshot)
                .Where(c => c.DatasetInPoolId == local.Id && c.Confirmed == Confirmed.Yes).ToListAsync(cancel).ConfigureAwait(false))
            .Select(static c => c.Snapshot).OrderBy(static s => s.CreatedAt).ThenBy(static s => s.Id).ToList();
        var head = await trees.HeadAsync(backup.Id, cancel).ConfigureAwait(false);
        var inHead = head is null ? null : BackupTree.InOrder(head).ToList();
        var move = BackupPlanner.Plan([.. snapshots.Select(static s => s.Id)], inHead is { Count: > 0 } ? [.. inHead.Select(static s => s.SnapshotInPool.SnapshotId)] : null);
        if (move is null)
            return null;

        var sent = snapshots.Where(s => move.Sent.Contains(s.Id)).ToList();
        if (move.NewTree)
            return await SendToNewTreeAsync(chain, local, backup, head, sent, cancel).ConfigureAwait(false);
        var common = inHead!.Single(s => s.SnapshotInPool.SnapshotId == move.BaseId);
        var branch = move.BranchFirst ? await trees.BranchAsync(chain, backup, common, cancel).ConfigureAwait(false) : head!;
        await SendAsync(chain, local, backup, branch, common.SnapshotInPool.Snapshot, sent, cancel).ConfigureAwait(false);
        return branch;
    }

    private async Task<Branch> SendToNewTreeAsync(
        ChainBuilder chain, DatasetInPool local, DatasetInPool backup, Branch? head, List<Snapshot> sent, CancellationToken cancel)
    {
        var branch = await trees.AddTreeAsync(backup, sent[0].Name, cancel).ConfigureAwait(false);
        var work = await SendAsync(chain, local, backup, branch, from: null, sent, cancel).ConfigureAwait(false);
        work.Create(branch.Tree).Create(branch);
        if (head is not null)
            work.EditBefore(head.Tree, (nameof(DatasetTree.IsHead), false));
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return branch;
    }

    private async Task<PlannedTransaction> SendAsync(
        ChainBuilder chain, DatasetInPool local, DatasetInPool backup, Branch branch, Snapshot? from, List<Snapshot> sent, CancellationToken cancel)
    {
        var copies = sent.Select(s => new SnapshotInBranch { Branch = branch, SnapshotInPool = new() { Snapshot = s, DatasetInPool = backup } }).ToList();
        db.SnapshotInBranches.AddRange(copies);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);

        var dataset = local.Dataset.FullName;
        var work = await sending.AppendAsync(chain, new(local.Pool, dataset), new(backup.Pool, BackupTree.Path(dataset, branch)), from, sent, cancel).ConfigureAwait(false);
        foreach (var copy in copies)
            work.Create(copy.SnapshotInPool).Create(copy);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return work;
    }
}
