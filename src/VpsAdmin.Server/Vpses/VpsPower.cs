using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>Starts and stops VPSes.</summary>
public sealed class VpsPower(VpsAdminDb db, ChainStarter chains)
{
    public Task<StartedChain<Vps>> StartAsync(IQueryable<Vps> vpses, long vpsId, long userId, CancellationToken cancel) =>
        RunAsync(new("start", "Start VPS"), vpses, vpsId, userId, static (chain, vps) => VpsWork.Start(chain, VpsSeat.Of(vps)), cancel);

    /// <param name="force">Kill it.</param>
    public Task<StartedChain<Vps>> StopAsync(IQueryable<Vps> vpses, long vpsId, bool force, long userId, CancellationToken cancel) =>
        RunAsync(new("stop", "Stop VPS"), vpses, vpsId, userId, (chain, vps) => VpsWork.Stop(chain, VpsSeat.Of(vps), force ? 0 : VpsWork.Patience), cancel);

    public Task<StartedChain<Vps>> RestartAsync(IQueryable<Vps> vpses, long vpsId, bool force, long userId, CancellationToken cancel) =>
        RunAsync(new("restart", "Restart VPS"), vpses, vpsId, userId, (chain, vps) => VpsWork.Restart(chain, VpsSeat.Of(vps), force ? 0 : VpsWork.Patience), cancel);

    /// <param name="vpses">Those that the user may do this to.</param>
    /// <exception cref="ActionRefusedException">There is none, it is deleted or has no system, its node does not run VPSes, or another chain works on it.</exception>
    private Task<StartedChain<Vps>> RunAsync(
        ChainTitle title, IQueryable<Vps> vpses, long vpsId, long userId, Action<ChainBuilder, Vps> append, CancellationToken cancel) => chains.StartAsync(title, userId, async chain =>
    {
        var vps = await vpses.Placed().SingleOrDefaultAsync(v => v.Id == vpsId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        vps.RequireSystem();
        await VpsChange.BeginAsync(db, chain, vps, cancel).ConfigureAwait(false);
        append(chain, vps);
        return vps;
    }, cancel);
}
