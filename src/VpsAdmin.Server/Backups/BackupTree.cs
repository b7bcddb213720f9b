using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Backups;

/// <summary>Trees and branches of a dataset on a backup pool: finding them, and what rollbacks do to them.</summary>
public sealed class BackupTree(VpsAdminDb db, TimeProvider time)
{
    /// <summary>The branch that the next backup goes to; null: there is none.</summary>
    public Task<Branch?> HeadAsync(long datasetInPoolId, CancellationToken cancel) =>
        db.Branches.Include(static b => b.Tree).Include(static b => b.Snapshots).ThenInclude(static s => s.SnapshotInPool).ThenInclude(static c => c.Snapshot)
            .SingleOrDefaultAsync(b => b.Tree.DatasetInPoolId == datasetInPoolId && b.IsHead && b.Tree.IsHead, cancel);

    /// <summary>Snapshots of a branch, oldest first.</summary>
    public static IEnumerable<SnapshotInBranch> InOrder(Branch branch) => branch.Snapshots
        .Where(static s => s.Confirmed is not Confirmed.Destroy)
        .OrderBy(static s => s.SnapshotInPool.Snapshot.CreatedAt).ThenBy(static s => s.SnapshotInPool.SnapshotId);

    /// <summary>Below the pool filesystem.</summary>
    public static string Path(string dataset, Branch branch) => $"{dataset}/{branch.Tree.FullName}/{branch.FullName}";

    /// <summary>
    /// Has the next backups go on behind a snapshot, as far as that is work: branches where it is not the tip of its branch. A pool that does not have the
    /// snapshot stays as it is. <see cref="ContinueAtAsync"/> has to follow.
    /// </summary>
    public async Task BranchAtAsync(ChainBuilder chain, DatasetInPool backup, long snapshotId, CancellationToken cancel)
    {
        if (await FindAsync(backup.Id, snapshotId, cancel).ConfigureAwait(false) is { } at && InOrder(at.Branch).Last() != at)
            await BranchAsync(chain, backup, at, cancel).ConfigureAwait(false);
    }

    /// <summary>The same as far as it is rows: makes the branch that the snapshot is the tip of the head.</summary>
    /// <param name="work">What the change of heads belongs to.</param>
    public async Task ContinueAtAsync(PlannedTransaction work, DatasetInPool backup, long snapshotId, CancellationToken cancel)
    {
        if (await FindAsync(backup.Id, snapshotId, cancel).ConfigureAwait(false) is { } at)
            await MakeHeadAsync(work, backup, at.Branch, cancel).ConfigureAwait(false);
    }

    /// <summary>The copy of a snapshot on a backup pool, with its branch and what is in it; null: there is none.</summary>
    public Task<SnapshotInBranch?> FindAsync(long datasetInPoolId, long snapshotId, CancellationToken cancel) =>
        db.SnapshotInBranches.Include(static s => s.SnapshotInPool).ThenInclude(static c => c.Snapshot)
            .Include(static s => s.Branch).ThenInclude(static b => b.Tree)
            .Include(static s => s.Branch).ThenInclude(static b => b.Snapshots).ThenInclude(static s => s.SnapshotInPool).ThenInclude(static c => c.Snapshot)
            .SingleOrDefaultAsync(
                s => s.SnapshotInPool.SnapshotId == snapshotId && s.SnapshotInPool.DatasetInPoolId == datasetInPoolId && s.Confirmed != Confirmed.Destroy, cancel);

    private async Task MakeHeadAsync(PlannedTransaction work, DatasetInPool backup, Branch branch, CancellationToken cancel)
    {
        foreach (var tree in await db.DatasetTrees.Where(t => t.DatasetInPoolId == backup.Id).ToListAsync(cancel).ConfigureAwait(false))
        {
            if (tree.IsHead != (tree.Id == branch.TreeId))
                work.EditBefore(tree, (nameof(DatasetTree.IsHead), tree.Id == branch.TreeId));
        }
        foreach (var other in await db.Branches.Where(b => b.TreeId == branch.TreeId).ToListAsync(cancel).ConfigureAwait(false))
        {
            if (other.IsHead != (other.Id == branch.Id))
                work.EditBefore(other, (nameof(Branch.IsHead), other.Id == branch.Id));
        }
    }

    /// <summary>
    /// Appends the work of branching: snapshots up to <paramref name="at"/> move to a new head branch, and those behind it stay in the old
    /// one, which needs <paramref name="at"/> from then on.
    /// </summary>
    public async Task<Branch> BranchAsync(ChainBuilder chain, DatasetInPool backup, SnapshotInBranch at, CancellationToken cancel)
    {
        var old = at.Branch;
        var name = at.SnapshotInPool.Snapshot.Name;
        var index = await db.Branches.Where(b => b.TreeId == old.TreeId && b.Name == name).MaxAsync(static b => (int?)b.Index, cancel).ConfigureAwait(false) + 1 ?? 0;
        var branch = new Branch { Tree = old.Tree, Name = name, Index = index, IsHead = true, CreatedAt = time.GetUtcNow() };
        db.Branches.Add(branch);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);

        var input = new BranchDatasetInput(backup.Pool.Filesystem, $"{backup.Dataset.FullName}/{old.Tree.FullName}", old.FullName, branch.FullName, name);
        var work = chain.Append(backup.Pool.NodeId, TransactionType.BranchDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.BranchDatasetInput)!)
            .Create(branch).EditBefore(old, (nameof(Branch.IsHead), false));
        var inOrder = InOrder(old).ToList();
        var moved = inOrder.TakeWhile(s => s.Id != at.Id).Append(at).ToList();
        foreach (var copy in moved)
            work.EditBefore(copy, (nameof(SnapshotInBranch.BranchId), branch.Id));
        foreach (var copy in inOrder.Except(moved))
        {
            work.EditBefore(copy, (nameof(SnapshotInBranch.OriginId), at.Id));
            work.Increment<SnapshotInPool>(at.SnapshotInPoolId, nameof(SnapshotInPool.ReferenceCount));
        }
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return branch;
    }

    /// <summary>A new tree with one branch, the head from then on. The rows are saved; confirming them is the caller's.</summary>
    public async Task<Branch> AddTreeAsync(DatasetInPool backup, string firstSnapshot, CancellationToken cancel)
    {
        var index = await db.DatasetTrees.Where(t => t.DatasetInPoolId == backup.Id).MaxAsync(static t => (int?)t.Index, cancel).ConfigureAwait(false) + 1 ?? 0;
        var tree = new DatasetTree { DatasetInPool = backup, Index = index, IsHead = true, CreatedAt = time.GetUtcNow() };
        var branch = new Branch { Tree = tree, Name = firstSnapshot, Index = 0, IsHead = true, CreatedAt = tree.CreatedAt };
        db.Branches.Add(branch);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return branch;
    }
}
