using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Transfers;

namespace VpsAdmin.Server.Vpses;

/// <param name="NodeId">Null: where the VPS is that is cloned.</param>
/// <param name="Start">Start it when it has a system.</param>
public sealed record VpsCloneRequest(long VpsId, string Hostname, long? NodeId, bool Start);

/// <summary>
/// Makes another VPS of the data of one, as they are in a snapshot that is taken now; the one that is cloned goes on running. The new one has its limits and
/// properties, no addresses, as two cannot have the same, and a history of its own.
/// </summary>
public sealed class VpsClone(VpsAdminDb db, ChainStarter chains, SnapshotSending sending, GroupSnapshots snapshots, TimeProvider time)
{
    /// <param name="vpses">Those that the user may clone.</param>
    /// <exception cref="ActionRefusedException">There is no such VPS or node, it cannot run there, or another chain works on it or on its datasets.</exception>
    public Task<StartedChain<Vps>> StartAsync(IQueryable<Vps> vpses, VpsCloneRequest request, long userId, CancellationToken cancel) =>
        chains.StartAsync(new("clone", "Clone VPS"), userId, async chain =>
        {
            var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == request.VpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            vps.RequireActive();
            var source = VpsSeat.InPool(vps).Pool;
            var target = await DatasetCreation.PoolAsync(db, request.NodeId ?? vps.NodeId, cancel).ConfigureAwait(false);
            if (vps.Template is not null)
                target.Node.RequireRuntime();
            await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
            vps.RequireActive();
            var clone = await AddAsync(chain, vps, target, request.Hostname, cancel).ConfigureAwait(false);

            var family = await VpsDatasets.ListAsync(db, vps.Dataset!, source, cancel).ConfigureAwait(false);
            await snapshots.AppendAsync(chain, family.ConvertAll(static i => i.Id), cancel, label: "clone").ConfigureAwait(false);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            var copies = new List<ClonedDataset>();
            foreach (var dataset in family)
                copies.Add(await SendAsync(chain, vps, clone, dataset, target, copies, cancel).ConfigureAwait(false));
            clone.Dataset = copies[0].Dataset;
            VpsDatasets.AppendProperties(chain, copies.Select(static c => c.Dataset), target);
            AppendStart(chain, clone, target, request.Start);
            chain.Last.Create(clone);
            AppendCleanup(chain, copies, target);
            return clone;
        }, cancel);

    private async Task<Vps> AddAsync(ChainBuilder chain, Vps vps, Pool target, string hostname, CancellationToken cancel)
    {
        var clone = new Vps
        {
            Hostname = hostname, User = vps.User, Node = target.Node, CreatedAt = time.GetUtcNow(), Template = vps.Template, Memory = vps.Memory, CpuLimit = vps.CpuLimit,
            ProcessLimit = vps.ProcessLimit, MaintenanceWindows = vps.MaintenanceWindows, IsRunning = false,
        };
        db.Vpses.Add(clone);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await VpsChange.BeginAsync(db, chain, clone, cancel).ConfigureAwait(false);
        return clone;
    }

    /// <param name="made">Those above it, and others.</param>
    private async Task<ClonedDataset> SendAsync(
        ChainBuilder chain, Vps vps, Vps clone, DatasetInPool source, Pool target, IReadOnlyList<ClonedDataset> made, CancellationToken cancel)
    {
        var original = source.Dataset;
        var dataset = new Dataset
        {
            FullName = clone.Id.ToString(CultureInfo.InvariantCulture) + original.FullName[vps.Dataset!.FullName.Length..], User = vps.User, CreatedAt = clone.CreatedAt,
            Parent = made.FirstOrDefault(c => c.Original.Id == original.ParentId)?.Dataset, LocalProperties = original.LocalProperties,
        };
        var inPool = new DatasetInPool { Dataset = dataset, Pool = target, MinSnapshots = source.MinSnapshots, MaxSnapshots = source.MaxSnapshots, SnapshotMaxAge = source.SnapshotMaxAge };
        db.DatasetInPools.Add(inPool);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await chain.LockAsync<DatasetInPool>(inPool.Id, cancel).ConfigureAwait(false);

        // The one that this chain takes: it has the lock of the dataset.
        var snapshot = await db.SnapshotInPools.Where(c => c.DatasetInPoolId == source.Id).OrderByDescending(static c => c.Id).Select(static c => c.Snapshot).FirstAsync(cancel).ConfigureAwait(false);
        var work = await sending.AppendAsync(chain, new(source.Pool, original.FullName), new(target, dataset.FullName), from: null, [snapshot], cancel).ConfigureAwait(false);
        work.Create(dataset).Create(inPool);
        return new(original, dataset, snapshot);
    }

    private static void AppendStart(ChainBuilder chain, Vps clone, Pool target, bool start)
    {
        if (clone.Template is null)
            return;
        var seat = VpsSeat.In(clone, target);
        VpsWork.Configure(chain, seat, VpsWork.Configuration(clone), before: null);
        if (start)
            VpsWork.Start(chain, seat);
    }

    /// <summary>The snapshot that came along is the original's, and the server knows of none of the clone's.</summary>
    private static void AppendCleanup(ChainBuilder chain, IReadOnlyList<ClonedDataset> copies, Pool target)
    {
        foreach (var copy in copies)
        {
            var input = new DestroySnapshotInput(target.Filesystem, copy.Dataset.FullName, TransactionInput.NameOf(copy.Snapshot));
            chain.Append(target.NodeId, TransactionType.DestroySnapshot, JsonSerializer.SerializeToNode(input, NodeJson.Default.DestroySnapshotInput)!).KeepGoing();
        }
    }

    private sealed record ClonedDataset(Dataset Original, Dataset Dataset, Snapshot Snapshot);
}
