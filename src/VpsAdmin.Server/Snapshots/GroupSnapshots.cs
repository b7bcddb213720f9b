using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Snapshots;

/// <summary>Snapshots of many datasets under one name, of one moment where the host's zfs can (spec 2.2).</summary>
public sealed class GroupSnapshots(VpsAdminDb db, ChainStarter chains, TimeProvider time)
{
    /// <summary>Datasets that another chain works on are left out, and so are those that the pool does not have.</summary>
    /// <param name="datasetIds">Null: all that the pool has. There may be a hundred thousand others, which it is not to be asked about.</param>
    /// <returns>The chain that takes them; null: there is nothing to take.</returns>
    public Task<long?> StartAsync(long poolId, IReadOnlyList<long>? datasetIds, long userId, CancellationToken cancel) =>
        chains.StartIfAnyAsync(new("group_snapshot", "Group snapshot"), userId, datasetId: null, async chain =>
        {
            // Not before: one that another chain locks meanwhile would cost all of them their snapshot.
            var free = await FreeAsync(poolId, datasetIds, cancel).ConfigureAwait(false);
            if (free.Count > 0)
                await AppendAsync(chain, free, cancel, leaveOutMissing: true).ConfigureAwait(false);
            return free.Count > 0;
        }, cancel);

    private async Task<List<long>> FreeAsync(long poolId, IReadOnlyList<long>? datasetIds, CancellationToken cancel)
    {
        var there = db.DatasetInPools.Where(i => i.PoolId == poolId && i.Confirmed == Confirmed.Yes && i.Dataset.Confirmed == Confirmed.Yes);
        if (datasetIds is not null)
            there = there.Where(i => datasetIds.Contains(i.DatasetId));
        return await there
            .Where(i => !db.ResourceLocks.Any(l => l.Resource == nameof(DatasetInPool) && l.RowId == i.Id))
            .OrderBy(static i => i.Id).Select(static i => i.Id).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <param name="inPoolIds">Of one pool.</param>
    /// <param name="leaveOutMissing">A dataset that is not on the pool, whatever its row says, costs the others nothing: its snapshot is dropped (<see cref="TransactionOutput"/>). Where more is to be
    /// done with all of them, it is a failure.</param>
    /// <returns>The chain.</returns>
    internal async Task<long> AppendAsync(ChainBuilder chain, IReadOnlyList<long> inPoolIds, CancellationToken cancel, string? label = null, bool leaveOutMissing = false)
    {
        var inPools = await db.DatasetInPools.Include(static i => i.Dataset).Include(static i => i.Pool)
            .Where(i => inPoolIds.Contains(i.Id)).OrderBy(static i => i.Id).ToListAsync(cancel).ConfigureAwait(false);
        var now = time.GetUtcNow();
        await chain.LockAllAsync<DatasetInPool>(inPools.ConvertAll(static i => i.Id), cancel).ConfigureAwait(false);
        var copies = inPools.ConvertAll(inPool => new SnapshotInPool { DatasetInPool = inPool, Snapshot = Provisional(inPool.Dataset, now, label) });
        db.SnapshotInPools.AddRange(copies);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);

        var pool = inPools[0].Pool;
        var input = new CreateSnapshotsInput(pool.Filesystem, [.. inPools.Select(static i => i.Dataset.FullName)], leaveOutMissing);
        var work = chain.Append(pool.NodeId, TransactionType.CreateSnapshots, JsonSerializer.SerializeToNode(input, NodeJson.Default.CreateSnapshotsInput)!);
        foreach (var copy in copies)
        {
            chain.Concern<Snapshot>(copy.Snapshot.Id);
            work.Create(copy.Snapshot).Create(copy);
        }
        return chain.ChainId;
    }

    /// <summary>A snapshot that is being taken. It belongs to the dataset's present history, in a group too (BUG-1).</summary>
    internal static Snapshot Provisional(Dataset dataset, DateTimeOffset now, string? label) => new()
    {
        Dataset = dataset,
        Name = now.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + Snapshot.Provisional,
        CreatedAt = now,
        HistoryId = dataset.CurrentHistoryId,
        Label = label,
    };
}
