using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;

namespace VpsAdmin.Server.Vpses;

/// <summary>Changes what VPSes are set up with, and what system is in them.</summary>
public sealed class VpsSetup(VpsAdminDb db, ChainStarter chains, TimeProvider time)
{
    /// <param name="change">Of what the VPS has now; the owner and the node stay.</param>
    /// <exception cref="ActionRefusedException">There is no such VPS, it is deleted, or another chain works on it.</exception>
    public async Task<(Vps Vps, long? ChainId)> UpdateAsync(IQueryable<Vps> vpses, long vpsId, Action<Vps> change, long userId, CancellationToken cancel)
    {
        var (vps, changed) = await UpdateEmptyAsync(vpses, vpsId, change, cancel).ConfigureAwait(false);
        if (changed)
            return (vps, null);

        vps.Node.RequireRuntime();
        var started = await chains.StartAsync(new("update", "Change VPS"), userId, async chain =>
        {
            await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
            vps.RequireActive();
            var before = VpsWork.Configuration(vps);
            (string, object?)[] old = [.. Properties(vps)];
            change(vps);
            var (configuration, values) = (VpsWork.Configuration(vps), Properties(vps).ToArray());
            foreach (var (property, value) in old)
                db.Entry(vps).Property(property).CurrentValue = value;
            VpsWork.Configure(chain, VpsSeat.Of(vps), configuration, before).EditAfter<Vps>(vps.Id, values);
            return vps;
        }, cancel).ConfigureAwait(false);
        return (vps, started.ChainId);
    }

    /// <summary>Changes one without a system at once: there is nothing on its node that would have to change.</summary>
    private async Task<(Vps Vps, bool Changed)> UpdateEmptyAsync(IQueryable<Vps> vpses, long vpsId, Action<Vps> change, CancellationToken cancel)
    {
        // A chain that gives it a system, set up as it is now, may begin at any time.
        var writing = await db.BeginWritingAsync(cancel).ConfigureAwait(false);
        await using var _ = writing.ConfigureAwait(false);
        var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        vps.RequireActive();
        if (vps.Template is not null)
            return (vps, false);
        if (await LockOwner.FindAsync<Vps>(db, vpsId, cancel).ConfigureAwait(false) is { } owner)
            throw ActionRefusedException.Locked(owner.ChainId, owner.Label);
        change(vps);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await writing.CommitAsync(cancel).ConfigureAwait(false);
        return (vps, true);
    }

    /// <summary>
    /// Makes the system anew. What was there is in a snapshot afterwards, and the dataset's history is another: nobody should take an increment across it
    /// (spec 2.3).
    /// </summary>
    /// <exception cref="ActionRefusedException">There is no such VPS or template, or another chain works on it or on one of its datasets.</exception>
    public Task<StartedChain<Vps>> ReinstallAsync(IQueryable<Vps> vpses, long vpsId, string? template, long userId, CancellationToken cancel) =>
        chains.StartAsync(new("reinstall", "Reinstall VPS"), userId, async chain =>
        {
            var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            vps.RequireActive();
            var chosen = template ?? vps.Template ?? throw ActionRefusedException.Invalid("template", "is required");
            vps.Node.RequireRuntime(chosen);
            var inPool = VpsSeat.InPool(vps);
            await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
            foreach (var member in await VpsDatasets.ListAsync(db, vps.Dataset!, inPool.Pool, cancel).ConfigureAwait(false))
                await chain.LockAsync<DatasetInPool>(member.Id, cancel).ConfigureAwait(false);
            var histories = await db.Snapshots.Where(s => s.DatasetId == vps.DatasetId).Select(static s => s.HistoryId).Distinct().ToListAsync(cancel).ConfigureAwait(false);

            if (vps.Template is not null)
                VpsWork.Stop(chain, VpsSeat.Of(vps));
            await AppendSnapshotAsync(chain, inPool, cancel).ConfigureAwait(false);
            VpsWork.Install(chain, VpsSeat.Of(vps), chosen, replace: true)
                .EditAfter<Dataset>(vps.Dataset!.Id, (nameof(Dataset.CurrentHistoryId), HistoryId.Next(vps.Dataset.CurrentHistoryId, histories)));
            VpsWork.Configure(chain, VpsSeat.Of(vps), VpsWork.Configuration(vps) with { Template = chosen }, vps.Template is null ? null : VpsWork.Configuration(vps))
                .EditAfter<Vps>(vps.Id, (nameof(Vps.Template), chosen));
            if (vps.IsRunning is true)
                VpsWork.Start(chain, VpsSeat.Of(vps));
            return vps;
        }, cancel);

    private async Task AppendSnapshotAsync(ChainBuilder chain, DatasetInPool inPool, CancellationToken cancel)
    {
        var copy = new SnapshotInPool { DatasetInPool = inPool, Snapshot = GroupSnapshots.Provisional(inPool.Dataset, time.GetUtcNow(), label: "before reinstall") };
        db.SnapshotInPools.Add(copy);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        var input = new CreateSnapshotInput(inPool.Pool.Filesystem, inPool.Dataset.FullName);
        chain.Append(inPool.Pool.NodeId, TransactionType.CreateSnapshot, JsonSerializer.SerializeToNode(input, NodeJson.Default.CreateSnapshotInput)!, subjectId: copy.Snapshot.Id)
            .Create(copy.Snapshot).Create(copy);
    }

    private static IEnumerable<(string, object?)> Properties(Vps vps) =>
    [
        (nameof(Vps.Hostname), vps.Hostname), (nameof(Vps.Memory), vps.Memory), (nameof(Vps.CpuLimit), vps.CpuLimit),
        (nameof(Vps.ProcessLimit), vps.ProcessLimit), (nameof(Vps.IpAddresses), vps.IpAddresses),
        (nameof(Vps.MaintenanceWindows), vps.MaintenanceWindows),
    ];
}
