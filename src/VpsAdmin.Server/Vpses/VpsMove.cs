using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Mail;
using VpsAdmin.Server.Migrating;
using VpsAdmin.Server.Resources;
using VpsAdmin.Server.Snapshots;
using VpsAdmin.Server.Transfers;

namespace VpsAdmin.Server.Vpses;

/// <param name="CleanupData">Destroy the datasets on the node that is left.</param>
public sealed record VpsMoveRequest(long VpsId, long NodeId, bool CleanupData)
{
    /// <summary>Refuse it outside of the owner's maintenance windows. A migration plan waits for them; a move by itself begins at once.</summary>
    public bool MaintenanceWindow { get; init; }

    /// <summary>Tell the owner when it begins and when it has ended.</summary>
    public bool SendMail { get; init; }

    /// <summary>For the owner; null: none is given.</summary>
    public string? Reason { get; init; }
}

/// <summary>
/// Moves a VPS to another node. Its data are sent while it runs, and what was written during that; then it stops, the little that is left is sent, and it
/// starts there. Until it has started there, every step can be undone, to a VPS that runs where it was. What is left there is another chain's (<see cref="VpsMoveCleanup"/>).
/// </summary>
public sealed class VpsMove(VpsAdminDb db, ChainStarter chains, DatasetTransfer transfer, GroupSnapshots snapshots, MoveMail mail, TimeProvider time)
{
    internal const string Name = "migrate";

    /// <summary>A VPS does not stand still behind the copies of others, which take hours; a node sends one at a time.</summary>
    private const string UrgentQueue = "vps";

    /// <param name="noted">Is called in the database transaction that the chain is saved in.</param>
    /// <exception cref="ActionRefusedException">There is no such VPS or node, it cannot run there, or another chain works on it or on its datasets.</exception>
    public Task<StartedChain<Vps>> StartAsync(VpsMoveRequest request, long userId, CancellationToken cancel, Func<ChainBuilder, Task>? noted = null) =>
        chains.StartAsync(new(Name, "Migrate VPS"), userId, async chain =>
        {
            var vps = await db.Vpses.Where(static v => v.Confirmed == Confirmed.Yes).Placed().SingleOrDefaultAsync(v => v.Id == request.VpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            vps.RequireActive();
            if (request.MaintenanceWindow && !MaintenanceWindow.IsOpen(vps.MaintenanceWindows, time.GetUtcNow()))
                throw ActionRefusedException.Invalid("maintenance_window", $"the owner's windows are {vps.MaintenanceWindows} (UTC); a migration plan waits for them, false moves it now");
            var (source, target) = (VpsSeat.InPool(vps).Pool, await RequireTargetAsync(db, vps, request.NodeId, cancel).ConfigureAwait(false));
            await VpsMoveCleanup.RequireDoneAsync(db, vps.Id, request.NodeId, cancel).ConfigureAwait(false);
            await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
            var told = new MoveMail.Move(vps, vps.Node, target.Node, request.Reason);
            if (request.SendMail)
                mail.AppendBegun(chain, told);
            var family = await VpsDatasets.ListAsync(db, vps.Dataset!, source, cancel).ConfigureAwait(false);

            await SendAsync(chain, vps, family, source, target, cancel).ConfigureAwait(false);
            if (vps.Template is not null)
            {
                // The copy may have waited and taken long. An increment that begins at once leaves the last one no more than its own time.
                await SendAsync(chain, vps, family, source, target, cancel, UrgentQueue).ConfigureAwait(false);
                VpsWork.Stop(chain, VpsSeat.Of(vps));
                await SendAsync(chain, vps, family, source, target, cancel, UrgentQueue).ConfigureAwait(false);
            }
            VpsDatasets.AppendProperties(chain, family.Select(static i => i.Dataset), target);
            AppendStart(chain, vps, target);
            await CommitAsync(chain, vps, family, target, cancel).ConfigureAwait(false);
            if (request.SendMail)
                mail.AppendFinished(chain, told);
            if (request.CleanupData)
                VpsMoveCleanup.Plan(chain, family);
            if (noted is not null)
                await noted(chain).ConfigureAwait(false);
            return vps;
        }, cancel);

    /// <summary>The pool that a VPS would go to.</summary>
    /// <param name="parameter">Of the action that names the node.</param>
    /// <exception cref="ActionRefusedException">The VPS is deleted or there already, or it cannot run there.</exception>
    internal static async Task<Pool> RequireTargetAsync(VpsAdminDb db, Vps vps, long nodeId, CancellationToken cancel, string parameter = "node")
    {
        vps.RequireActive();
        if (nodeId == vps.NodeId)
            throw ActionRefusedException.Invalid(parameter, "is the one that the VPS is on");
        var pool = await DatasetCreation.PoolAsync(db, nodeId, cancel, parameter).ConfigureAwait(false);
        if (vps.Template is not null)
            pool.Node.RequireRuntime();
        return pool;
    }

    /// <summary>A snapshot of all of them, and what the target has not got of them yet.</summary>
    private async Task SendAsync(ChainBuilder chain, Vps vps, List<DatasetInPool> family, Pool source, Pool target, CancellationToken cancel, string? queue = null)
    {
        await snapshots.AppendAsync(chain, family.ConvertAll(static i => i.Id), cancel, label: "migration").ConfigureAwait(false);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await transfer.AppendTreeAsync(chain, vps.Dataset!, source, target, cancel, queue).ConfigureAwait(false);
    }

    private static void AppendStart(ChainBuilder chain, Vps vps, Pool target)
    {
        if (vps.Template is null)
            return;
        var seat = VpsSeat.In(vps, target);
        VpsWork.Configure(chain, seat, VpsWork.Configuration(vps), before: null);
        if (vps.IsRunning is not false)
            VpsWork.Start(chain, seat);
    }

    /// <summary>With the last step that can be undone the VPS is where it goes to, and the rows of where it was are gone.</summary>
    private async Task CommitAsync(ChainBuilder chain, Vps vps, List<DatasetInPool> family, Pool target, CancellationToken cancel)
    {
        var left = family.ConvertAll(static i => i.Id);
        var copies = await db.SnapshotInPools.Include(static c => c.Snapshot).Where(c => left.Contains(c.DatasetInPoolId)).ToListAsync(cancel).ConfigureAwait(false);
        if (copies.Find(static c => c.ReferenceCount > 0) is { } used)
            throw ActionRefusedException.Refused($"snapshot '{used.Snapshot.Name}' is in use");
        var commit = chain.Last.EditAfter<Vps>(vps.Id, (nameof(Vps.NodeId), target.NodeId));
        foreach (var copy in copies)
        {
            await chain.LockAsync<SnapshotInPool>(copy.Id, cancel).ConfigureAwait(false);
            commit.JustDestroy<SnapshotInPool>(copy.Id);
        }
        foreach (var inPool in left)
            commit.JustDestroy<DatasetInPool>(inPool);
    }
}
