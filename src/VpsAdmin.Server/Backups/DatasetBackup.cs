using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Backups;

/// <summary>Backs a dataset up to a backup pool; its first backup gives it a place there.</summary>
public sealed class DatasetBackup(VpsAdminDb db, ChainStarter chains, BackupTransfer transfer, INodesThere nodes)
{
    /// <returns>The chain that does it; null: there is nothing to back up, or nowhere, as the pool's node is away.</returns>
    /// <exception cref="ActionRefusedException">Another chain works on the dataset, or it is not there.</exception>
    public async Task<long?> StartAsync(long datasetId, long poolId, long userId, CancellationToken cancel)
    {
        // It would keep the dataset for itself until the node comes back, and nobody could do anything with it.
        var node = await db.Pools.Where(p => p.Id == poolId).Select(static p => (long?)p.NodeId).SingleOrDefaultAsync(cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        return await nodes.IsThereAsync(node, cancel).ConfigureAwait(false) ? await StartThereAsync(datasetId, poolId, userId, cancel).ConfigureAwait(false) : null;
    }

    private Task<long?> StartThereAsync(long datasetId, long poolId, long userId, CancellationToken cancel) =>
        chains.StartIfAnyAsync(new("backup", "Backup"), userId, datasetId, async chain =>
        {
            var dataset = await db.Datasets.Include(static d => d.InPools).ThenInclude(static i => i.Pool)
                .SingleOrDefaultAsync(d => d.Id == datasetId && d.Confirmed == Confirmed.Yes, cancel).ConfigureAwait(false)
                ?? throw ActionRefusedException.NotFound();
            chain.Concern<Dataset>(dataset.Id);
            var local = dataset.Worked;
            var backup = dataset.InPools.Find(i => i.PoolId == poolId) ?? await AddAsync(dataset, poolId, cancel).ConfigureAwait(false);
            return await transfer.AppendAsync(chain, local, backup, cancel).ConfigureAwait(false) is not null;
        }, cancel);

    // The row stands for no filesystem of its own: the first transfer makes that, and one that fails leaves a place without backups.
    private async Task<DatasetInPool> AddAsync(Dataset dataset, long poolId, CancellationToken cancel)
    {
        var pool = await db.Pools.SingleOrDefaultAsync(p => p.Id == poolId && p.Role == PoolRole.Backup, cancel).ConfigureAwait(false)
            ?? throw ActionRefusedException.NotFound();
        var backup = new DatasetInPool { Dataset = dataset, Pool = pool, Confirmed = Confirmed.Yes };
        db.DatasetInPools.Add(backup);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return backup;
    }
}
