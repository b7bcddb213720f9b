using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Transfers;

/// <summary>
/// Brings datasets from the pool where they are worked in to another one, of the same node or of another, as a part of a chain: the first time
/// everything, then what is new. The copies are confirmed when the chain succeeds; when it fails, the target is as it was.
/// </summary>
public sealed class DatasetTransfer(VpsAdminDb db, SnapshotSending sending)
{
    /// <summary>Appends a dataset and those below it, parents first (<see cref="AppendAsync"/> for each).</summary>
    /// <param name="queue">Null: with other copies.</param>
    /// <returns>The datasets as they will be on the target.</returns>
    public async Task<IReadOnlyList<DatasetInPool>> AppendTreeAsync(
        ChainBuilder chain, Dataset root, Pool source, Pool target, CancellationToken cancel, string? queue = null)
    {
        var below = root.FullName + "/";
        var family = await db.DatasetInPools.Include(static i => i.Dataset).Include(static i => i.Pool)
            .Where(i => i.PoolId == source.Id && i.Confirmed == Confirmed.Yes && (i.DatasetId == root.Id || i.Dataset.FullName.Substring(0, below.Length) == below))
            .ToListAsync(cancel).ConfigureAwait(false);
        var moved = new List<DatasetInPool>();
        foreach (var inPool in family.OrderBy(static i => i.Dataset.FullName, StringComparer.Ordinal))
            moved.Add(await AppendAsync(chain, inPool, target, cancel, queue).ConfigureAwait(false));
        return moved;
    }

    /// <summary>
    /// Appends what the target lacks of the snapshots of a dataset, those taken by earlier transactions of the chain among them. It can be called
    /// again in the same chain, when more have been taken: while a VPS runs, and once more when it has stopped.
    /// </summary>
    /// <param name="source">Loaded with its dataset and its pool. It is locked, and so is its place on the target.</param>
    /// <param name="queue">Null: with other copies.</param>
    /// <returns>The dataset as it will be on the target; its row is made when it is not there.</returns>
    /// <exception cref="ActionRefusedException">Another chain works on it, it has no snapshot, or the target has others.</exception>
    public async Task<DatasetInPool> AppendAsync(ChainBuilder chain, DatasetInPool source, Pool target, CancellationToken cancel, string? queue = null)
    {
        await chain.LockAsync<DatasetInPool>(source.Id, cancel).ConfigureAwait(false);
        var inPool = await db.DatasetInPools.SingleOrDefaultAsync(i => i.DatasetId == source.DatasetId && i.PoolId == target.Id, cancel).ConfigureAwait(false);
        var isNew = inPool is null;
        if (inPool is null)
        {
            inPool = new DatasetInPool { Dataset = source.Dataset, Pool = target, MinSnapshots = source.MinSnapshots, MaxSnapshots = source.MaxSnapshots, SnapshotMaxAge = source.SnapshotMaxAge };
            db.DatasetInPools.Add(inPool);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        }
        await chain.LockAsync<DatasetInPool>(inPool.Id, cancel).ConfigureAwait(false);

        var (from, sent) = Missing(await SnapshotsAsync(source.Id, cancel).ConfigureAwait(false), await SnapshotsAsync(inPool.Id, cancel).ConfigureAwait(false), source);
        if (sent.Count == 0)
            return inPool;
        var copies = sent.ConvertAll(s => new SnapshotInPool { Snapshot = s, DatasetInPool = inPool });
        db.SnapshotInPools.AddRange(copies);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        var dataset = source.Dataset.FullName;
        var work = await sending.AppendAsync(chain, new(source.Pool, dataset), new(target, dataset), from, sent, cancel, queue).ConfigureAwait(false);
        if (isNew)
            work.Create(inPool);
        foreach (var copy in copies)
            work.Create(copy);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return inPool;
    }

    /// <summary>Oldest first. Those that are being taken are this chain's, which has the lock.</summary>
    private async Task<List<Snapshot>> SnapshotsAsync(long inPoolId, CancellationToken cancel) =>
    [
        .. (await db.SnapshotInPools.Include(static c => c.Snapshot).Where(c => c.DatasetInPoolId == inPoolId && c.Confirmed != Confirmed.Destroy).ToListAsync(cancel).ConfigureAwait(false))
            .Select(static c => c.Snapshot).OrderBy(static s => s.CreatedAt).ThenBy(static s => s.Id),
    ];

    private static (Snapshot? From, List<Snapshot> Sent) Missing(List<Snapshot> here, List<Snapshot> there, DatasetInPool source)
    {
        if (here.Count == 0)
            throw ActionRefusedException.Refused($"dataset {source.Dataset.FullName} has no snapshot that could be transferred");
        var common = there.Count == 0 ? -1 : here.FindIndex(s => s.Id == there[^1].Id);
        if (there.Count > 0 && common < 0)
            throw ActionRefusedException.Refused($"dataset {source.Dataset.FullName} has snapshots on the target pool that it does not have here");
        return (common < 0 ? null : here[common], here[(common + 1)..]);
    }
}
