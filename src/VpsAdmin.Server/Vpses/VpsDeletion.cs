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
        var expiration = time.GetUtcNow() + options.DeletedVpsLifetime;
        if (await DeleteStillAsync(vpses, vpsId, expiration, cancel).ConfigureAwait(false) is not { } vps)
            return null;
        var started = await chains.StartAsync(new("soft_delete", "Delete VPS"), userId, async chain =>
        {
            await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
            vps.RequireActive();
            VpsWork.Stop(chain, VpsSeat.Of(vps)).EditAfter<Vps>(vps.Id, (nameof(Vps.State), VpsState.SoftDelete), (nameof(Vps.ExpirationDate), expiration));
            return vps.Id;
        }, cancel).ConfigureAwait(false);
        return started.ChainId;
    }

    /// <summary>Deletes it at once where there is nothing to stop.</summary>
    /// <returns>Null: it is done. The VPS: it has to be stopped.</returns>
    private async Task<Vps?> DeleteStillAsync(IQueryable<Vps> vpses, long vpsId, DateTimeOffset expiration, CancellationToken cancel)
    {
        // A chain that reinstalls or destroys it may begin at any time.
        var writing = await db.BeginWritingAsync(cancel).ConfigureAwait(false);
        await using var _ = writing.ConfigureAwait(false);
        var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        vps.RequireActive();
        if (vps.Template is not null)
            return vps;
        if (await LockOwner.FindAsync<Vps>(db, vpsId, cancel).ConfigureAwait(false) is { } owner)
            throw ActionRefusedException.Locked(owner.ChainId, owner.Label);
        (vps.State, vps.ExpirationDate) = (VpsState.SoftDelete, expiration);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await writing.CommitAsync(cancel).ConfigureAwait(false);
        return null;
    }

    /// <exception cref="ActionRefusedException">There is no such VPS, or it is not one that waits for its end.</exception>
    public async Task<Vps> ReviveAsync(IQueryable<Vps> vpses, long vpsId, CancellationToken cancel)
    {
        // The chain that destroys it may begin at any time: what is read here has to hold until it is written.
        var writing = await db.BeginWritingAsync(cancel).ConfigureAwait(false);
        await using var _ = writing.ConfigureAwait(false);
        var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        var isLocked = await LockOwner.FindAsync<Vps>(db, vpsId, cancel).ConfigureAwait(false) is not null;
        if (vps.State is not VpsState.SoftDelete || isLocked)
            throw ActionRefusedException.Refused(isLocked ? "this VPS is being destroyed" : "this VPS is not waiting to be destroyed");
        (vps.State, vps.ExpirationDate) = (VpsState.Active, null);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await writing.CommitAsync(cancel).ConfigureAwait(false);
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
