using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>A VPS that stands still while its files are exchanged: nothing may be written in between, and ZFS cannot put another filesystem under one that runs.</summary>
internal sealed class VpsPause
{
    private readonly VpsSeat _seat;

    private VpsPause(VpsSeat seat) => _seat = seat;

    /// <summary>Keeps the VPS for the chain; it goes on running.</summary>
    /// <returns>Null: no VPS runs in the dataset.</returns>
    /// <exception cref="Api.ActionRefusedException">Another chain works on the VPS.</exception>
    public static async Task<VpsPause?> BeginAsync(VpsAdminDb db, ChainBuilder chain, Dataset dataset, CancellationToken cancel)
    {
        var root = dataset.FullName.Split('/')[0];
        var vps = await db.Vpses.Where(v => v.Dataset!.FullName == root && v.Template != null && v.Node.RunsVpses).Placed().SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        if (vps is null)
            return null;
        await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
        return vps.IsRunning is false ? null : new VpsPause(VpsSeat.Of(vps));
    }

    /// <summary>Right before the exchange: what takes long, or waits for another node, is done by then.</summary>
    public void Stop(ChainBuilder chain) => VpsWork.Stop(chain, _seat);

    /// <summary>A system that does not start is no reason to undo the exchange.</summary>
    public void End(ChainBuilder chain) => VpsWork.Start(chain, _seat).KeepGoing();
}
