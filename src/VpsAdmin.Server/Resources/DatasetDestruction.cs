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

    /// <summary>
    /// The root and all below it, from the lowest up: first where people work in them, as what is in use cannot be destroyed, and then their backups, from which
    /// all that a failure has cost comes back. A dataset is there until its last backup has gone, and all below it.
    /// </summary>
    /// <exception cref="ActionRefusedException">A snapshot is in use, or another chain works on one of them.</exception>
    public static async Task AppendFamilyAsync(VpsAdminDb db, ChainBuilder chain, Dataset root, CancellationToken cancel)
    {
        var below = root.FullName + "/";
        var family = await Loaded(db).Where(d => d.Id == root.Id || d.FullName.Substring(0, below.Length) == below).ToListAsync(cancel).ConfigureAwait(false);
        family.Sort(static (a, b) => StringComparer.Ordinal.Compare(b.FullName, a.FullName));
        var last = new Dictionary<Dataset, (int Position, PlannedTransaction Work)>();
        foreach (var inPool in family.SelectMany(static d => d.InPools).OrderBy(static i => i.Pool.Role is PoolRole.Backup))
            last[inPool.Dataset] = (chain.Size, await AppendInPoolAsync(db, chain, inPool, cancel).ConfigureAwait(false));
        foreach (var dataset in family)
        {
            below = dataset.FullName + "/";
            var ends = last.Where(l => l.Key == dataset || l.Key.FullName.StartsWith(below, StringComparison.Ordinal)).Select(static l => l.Value).ToList();
            if (ends.Count > 0)
                await EndAsync(db, ends.MaxBy(static end => end.Position).Work, dataset, cancel).ConfigureAwait(false);
        }
    }

    private static IQueryable<Dataset> Loaded(VpsAdminDb db) => db.Datasets
        .Include(static d => d.InPools).ThenInclude(static i => i.Pool)
        .Include(static d => d.InPools).ThenInclude(static i => i.Trees).ThenInclude(static t => t.Branches).ThenInclude(static b => b.Snapshots);

    private static async Task<PlannedTransaction> AppendInPoolAsync(VpsAdminDb db, ChainBuilder chain, DatasetInPool inPool, CancellationToken cancel)
    {
        await chain.LockAsync<DatasetInPool>(inPool.Id, cancel).ConfigureAwait(false);
        var copies = await db.SnapshotInPools.Include(static c => c.Snapshot).Where(c => c.DatasetInPoolId == inPool.Id).ToListAsync(cancel).ConfigureAwait(false);
        var isBackup = inPool.Pool.Role is PoolRole.Backup;
        if (!isBackup && copies.Find(static c => c.ReferenceCount > 0) is { } used)
            throw ActionRefusedException.Refused($"snapshot '{used.Snapshot.Name}' is in use");
        var input = new DestroyDatasetInput(inPool.Pool.Filesystem, inPool.Dataset.FullName);
        var work = chain.Append(inPool.Pool.NodeId, TransactionType.DestroyDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.DestroyDatasetInput)!);
        foreach (var branch in inPool.Trees.SelectMany(static t => t.Branches))
        {
            foreach (var copy in branch.Snapshots)
                work.Destroy(copy);
            work.Destroy(branch);
        }
        foreach (var tree in inPool.Trees)
            work.Destroy(tree);
        foreach (var copy in copies)
            work.Destroy(copy);
        return isBackup ? work.Destroy(inPool) : work;
    }

    /// <summary>While there are backups of it, the place where people work is a place to roll back to, though nothing is there.</summary>
    private static async Task EndAsync(VpsAdminDb db, PlannedTransaction end, Dataset dataset, CancellationToken cancel)
    {
        foreach (var inPool in dataset.InPools.Where(static i => i.Pool.Role is not PoolRole.Backup))
            end.Destroy(inPool);
        foreach (var snapshot in await db.Snapshots.Where(s => s.DatasetId == dataset.Id).ToListAsync(cancel).ConfigureAwait(false))
            end.Destroy(snapshot);
        end.Destroy(dataset);
    }
}
