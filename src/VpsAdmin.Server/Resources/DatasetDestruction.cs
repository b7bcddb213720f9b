using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

/// <summary>Destroys a dataset with those below it, their snapshots and their backups.</summary>
internal static class DatasetDestruction
{
    /// <param name="datasets">Those that the caller may destroy.</param>
    public static Task<StartedChain<long>> StartAsync(ActionContext context, IQueryable<Dataset> datasets) =>
        context.Services.GetRequiredService<ChainStarter>().StartAsync(new("destroy", "Destroy dataset"), context.Caller.UserId, async chain =>
        {
            var db = context.Database();
            var root = await datasets.SingleOrDefaultAsync(d => d.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            if (await db.Vpses.Where(v => v.DatasetId == root.Id).Select(static v => (long?)v.Id).SingleOrDefaultAsync(context.Cancel).ConfigureAwait(false) is { } vps)
                throw ActionRefusedException.Refused($"this dataset is the root filesystem of VPS {vps} and cannot be deleted without it");
            chain.Concern<Dataset>(root.Id);

            await AppendFamilyAsync(db, chain, root, context.Cancel).ConfigureAwait(false);
            return root.Id;
        }, context.Cancel);

    /// <summary>The root and all below it, from the lowest up.</summary>
    /// <exception cref="ActionRefusedException">A snapshot is in use, or another chain works on one of them.</exception>
    public static async Task AppendFamilyAsync(VpsAdminDb db, ChainBuilder chain, Dataset root, CancellationToken cancel)
    {
        var below = root.FullName + "/";
        var family = await Loaded(db).Where(d => d.Id == root.Id || d.FullName.Substring(0, below.Length) == below).ToListAsync(cancel).ConfigureAwait(false);
        foreach (var dataset in family.OrderByDescending(static d => d.FullName, StringComparer.Ordinal))
            await AppendAsync(db, chain, dataset, cancel).ConfigureAwait(false);
    }

    private static IQueryable<Dataset> Loaded(VpsAdminDb db) => db.Datasets
        .Include(static d => d.InPools).ThenInclude(static i => i.Pool)
        .Include(static d => d.InPools).ThenInclude(static i => i.Trees).ThenInclude(static t => t.Branches).ThenInclude(static b => b.Snapshots);

    private static async Task AppendAsync(VpsAdminDb db, ChainBuilder chain, Dataset dataset, CancellationToken cancel)
    {
        var snapshots = await db.Snapshots.Include(static s => s.InPools).Where(s => s.DatasetId == dataset.Id).ToListAsync(cancel).ConfigureAwait(false);
        PlannedTransaction? last = null;
        // The filesystem that people work in goes last: while it is there, the dataset is.
        foreach (var inPool in dataset.InPools.OrderByDescending(static i => i.Pool.Role is PoolRole.Backup))
        {
            await chain.LockAsync<DatasetInPool>(inPool.Id, cancel).ConfigureAwait(false);
            var copies = snapshots.SelectMany(static s => s.InPools).Where(c => c.DatasetInPoolId == inPool.Id).ToList();
            if (inPool.Pool.Role is not PoolRole.Backup && copies.Find(static c => c.ReferenceCount > 0) is { } used)
                throw ActionRefusedException.Refused($"snapshot '{used.Snapshot.Name}' is in use");
            last = AppendInPool(chain, dataset, inPool, copies);
        }
        foreach (var snapshot in snapshots)
            last?.Destroy(snapshot);
        last?.Destroy(dataset);
    }

    private static PlannedTransaction AppendInPool(ChainBuilder chain, Dataset dataset, DatasetInPool inPool, List<SnapshotInPool> copies)
    {
        var input = new DestroyDatasetInput(inPool.Pool.Filesystem, dataset.FullName);
        var work = chain.Append(inPool.Pool.NodeId, TransactionType.DestroyDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.DestroyDatasetInput)!);
        foreach (var tree in inPool.Trees)
        {
            foreach (var branch in tree.Branches)
            {
                foreach (var copy in branch.Snapshots)
                    work.Destroy(copy);
                work.Destroy(branch);
            }
            work.Destroy(tree);
        }
        foreach (var copy in copies)
            work.Destroy(copy);
        return work.Destroy(inPool);
    }
}
