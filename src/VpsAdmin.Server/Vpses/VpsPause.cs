using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>A VPS that stands still while its files are exchanged: nothing may be written in between, and ZFS cannot put another filesystem under one that runs.</summary>
internal sealed class VpsPause
{
    private readonly VpsSeat _seat;

    private VpsPause(VpsSeat seat) => _seat = seat;

    /// <returns>Null: no VPS runs in the dataset.</returns>
    /// <exception cref="Api.ActionRefusedException">Another chain works on the VPS.</exception>
    public static async Task<VpsPause?> BeginAsync(VpsAdminDb db, ChainBuilder chain, Dataset dataset, CancellationToken cancel)
    {
        var root = dataset.FullName.Split('/')[0];
        var vps = await db.Vpses.Where(v => v.Dataset!.FullName == root && v.Template != null && v.Node.RunsVpses).Placed().SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        if (vps is null)
            return null;
        await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
        if (vps.IsRunning is false)
            return null;
        var pause = new VpsPause(VpsSeat.Of(vps));
        VpsWork.Stop(chain, pause._seat);
        return pause;
    }

    /// <summary>A system that does not start is no reason to undo the exchange: it would destroy in the backup what the rollback has destroyed here.</summary>
    public void End(ChainBuilder chain) => VpsWork.Start(chain, _seat).KeepGoing();
}
