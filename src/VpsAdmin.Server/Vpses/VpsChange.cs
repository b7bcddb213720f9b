using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>The time in which a chain changes what a VPS is doing.</summary>
internal static class VpsChange
{
    /// <summary>Keeps the VPS for the chain, and reads it anew; from now on nothing that was seen of it counts.</summary>
    /// <exception cref="Api.ActionRefusedException">Another chain has it.</exception>
    public static async Task BeginAsync(VpsAdminDb db, ChainBuilder chain, Vps vps, CancellationToken cancel)
    {
        await chain.LockAsync<Vps>(vps.Id, cancel).ConfigureAwait(false);
        // It may have been read before another chain ended; nobody else changes it from now on.
        await db.Entry(vps).ReloadAsync(cancel).ConfigureAwait(false);
        vps.StatusSequence = StatusSequence.Taken(vps.StatusSequence);
        chain.Concern<Vps>(vps.Id);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>At the chain's end, in the database transaction that carries out what it confirms and releases what it locked.</summary>
    public static async Task SettleAsync(VpsAdminDb db, long chainId, CancellationToken cancel)
    {
        var kept = db.Vpses.Where(v => db.ResourceLocks.Any(l => l.ChainId == chainId && l.Resource == nameof(Vps) && l.RowId == v.Id));
        foreach (var vps in await kept.ToListAsync(cancel).ConfigureAwait(false))
            vps.StatusSequence = StatusSequence.Settled(vps.StatusSequence);
    }
}
