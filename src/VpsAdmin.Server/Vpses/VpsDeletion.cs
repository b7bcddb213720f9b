using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Vpses;

/// <summary>Deletes VPSes: first they are stopped and can be brought back, after a delay their datasets are destroyed, with snapshots and backups.</summary>
public sealed class VpsDeletion(VpsAdminDb db, ChainStarter chains, ServerOptions options, TimeProvider time)
{
    /// <returns>The chain that stops it; null: there was nothing to stop.</returns>
    /// <exception cref="ActionRefusedException">There is no such VPS, it is deleted already, or another chain works on it.</exception>
    public async Task<long?> DeleteAsync(IQueryable<Vps> vpses, long vpsId, long userId, CancellationToken cancel)
    {
        var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        vps.RequireActive();
        var expiration = time.GetUtcNow() + options.DeletedVpsLifetime;
        if (vps.Template is null)
        {
            (vps.State, vps.ExpirationDate) = (VpsState.SoftDelete, expiration);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            return null;
        }
        var started = await chains.StartAsync(new("soft_delete", "Delete VPS"), userId, async chain =>
        {
            await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
            vps.RequireActive();
            VpsWork.Stop(chain, VpsSeat.Of(vps)).EditAfter<Vps>(vps.Id, (nameof(Vps.State), VpsState.SoftDelete), (nameof(Vps.ExpirationDate), expiration));
            return vps.Id;
        }, cancel).ConfigureAwait(false);
        return started.ChainId;
    }

    /// <exception cref="ActionRefusedException">There is no such VPS, or it is not one that waits for its end.</exception>
    public async Task<Vps> ReviveAsync(IQueryable<Vps> vpses, long vpsId, CancellationToken cancel)
    {
        var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        var isLocked = await db.ResourceLocks.AnyAsync(l => l.Resource == nameof(Vps) && l.RowId == vpsId, cancel).ConfigureAwait(false);
        if (vps.State is not VpsState.SoftDelete || isLocked)
            throw ActionRefusedException.Refused(isLocked ? "this VPS is being destroyed" : "this VPS is not waiting to be destroyed");
        (vps.State, vps.ExpirationDate) = (VpsState.Active, null);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        return vps;
    }

    /// <summary>Destroys it now.</summary>
    /// <exception cref="ActionRefusedException">There is no such VPS, nothing of it is left, or another chain works on it or its datasets.</exception>
    public Task<StartedChain<long>> DestroyAsync(IQueryable<Vps> vpses, long vpsId, long userId, CancellationToken cancel) =>
        chains.StartAsync(new("destroy", "Destroy VPS"), userId, async chain =>
        {
            var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
            if (vps.State is VpsState.HardDelete || vps.Dataset is null)
                throw ActionRefusedException.Refused("this VPS is deleted");
            await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
            if (vps.Template is not null)
                VpsWork.Destroy(chain, VpsSeat.Of(vps)).EditAfter<Vps>(vps.Id, (nameof(Vps.IsRunning), false), (nameof(Vps.Template), null));
            // The datasets go last: what is not destroyed keeps its VPS.
            await DatasetDestruction.AppendFamilyAsync(db, chain, vps.Dataset, cancel).ConfigureAwait(false);
            chain.Last.EditAfter<Vps>(vps.Id, (nameof(Vps.State), VpsState.HardDelete), (nameof(Vps.DatasetId), null), (nameof(Vps.ExpirationDate), null));
            return vps.Id;
        }, cancel);
}
