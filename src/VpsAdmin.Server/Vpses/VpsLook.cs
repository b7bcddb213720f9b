using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>A VPS that is looked at.</summary>
/// <param name="Sequence">Its number before it was looked at (<see cref="StatusSequence"/>).</param>
public sealed record VpsLook(long NodeId, VpsPlace Place, long Sequence);

/// <summary>What is seen of VPSes, in the database.</summary>
public static class VpsLooks
{
    /// <summary>How often what is seen is kept for later, when nothing happens.</summary>
    private static readonly TimeSpan HistoryStep = TimeSpan.FromMinutes(5);

    /// <summary>How long what was seen last is taken for what is, when a node does not tell.</summary>
    internal static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(2);

    /// <summary>VPSes that no chain works on.</summary>
    public static async Task<IReadOnlyList<VpsLook>> BeginAsync(VpsAdminDb db, CancellationToken cancel)
    {
        var quiet = await db.Vpses.Where(static v => v.State == VpsState.Active && v.Template != null && v.Node.RunsVpses && v.StatusSequence % 2 == 0)
            .SelectMany(static v => v.Dataset!.InPools.Where(i => i.Pool.NodeId == v.NodeId && i.Pool.Role != PoolRole.Backup), static (v, i) => new { v.Id, v.NodeId, v.StatusSequence, v.Dataset!.FullName, i.Pool.Filesystem })
            .ToListAsync(cancel).ConfigureAwait(false);
        return quiet.ConvertAll(static v => new VpsLook(v.NodeId, new VpsPlace(v.Filesystem, v.FullName, v.Id), v.StatusSequence));
    }

    /// <summary>Writes down what was seen, unless something was done to the VPS since it was begun: compared and set in one statement.</summary>
    /// <returns>Whether it counted.</returns>
    public static async Task<bool> EndAsync(VpsAdminDb db, VpsLook look, VpsSample seen, DateTimeOffset now, CancellationToken cancel)
    {
        if (!StatusSequence.IsQuiet(look.Sequence) || await db.Vpses.Where(v => v.Id == look.Place.VpsId && v.StatusSequence == look.Sequence).ExecuteUpdateAsync(
            set => set.SetProperty(static v => v.IsRunning, seen.IsRunning).SetProperty(static v => v.Uptime, seen.Uptime).SetProperty(static v => v.ProcessCount, seen.Processes)
                .SetProperty(static v => v.UsedMemory, seen.UsedMemory).SetProperty(static v => v.Load, seen.Load).SetProperty(static v => v.StatusTime, now), cancel).ConfigureAwait(false) == 0)
            return false;
        await KeepAsync(db, seen, now, cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>VPSes that nothing was told of: what was seen too long ago is not known any more. What an operation establishes meanwhile is.</summary>
    public static Task<int> LoseAsync(VpsAdminDb db, IReadOnlyCollection<long> vpses, DateTimeOffset now, CancellationToken cancel)
    {
        var stale = now - LongestSilence;
        return db.Vpses.Where(v => vpses.Contains(v.Id) && v.StatusSequence % 2 == 0 && v.StatusTime < stale && v.IsRunning != null).ExecuteUpdateAsync(
            static set => set.SetProperty(static v => v.IsRunning, (bool?)null).SetProperty(static v => v.Uptime, (long?)null).SetProperty(static v => v.ProcessCount, (int?)null)
                .SetProperty(static v => v.UsedMemory, (long?)null).SetProperty(static v => v.Load, (double?)null), cancel);
    }

    /// <summary>Lets go what was seen before that time.</summary>
    public static Task<int> ForgetAsync(VpsAdminDb db, DateTimeOffset before, CancellationToken cancel) => db.VpsStatuses.Where(s => s.CreatedAt < before).ExecuteDeleteAsync(cancel);

    /// <remarks>What the row of the VPS says is no measure: an operation that changed it wrote no history.</remarks>
    private static async Task KeepAsync(VpsAdminDb db, VpsSample seen, DateTimeOffset now, CancellationToken cancel)
    {
        var recent = now - HistoryStep;
        var kept = await db.VpsStatuses.Where(s => s.VpsId == seen.VpsId && s.CreatedAt > recent).OrderByDescending(static s => s.CreatedAt).ThenByDescending(static s => s.Id)
            .Select(static s => (bool?)s.IsRunning).FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        if (kept == seen.IsRunning)
            return;
        db.VpsStatuses.Add(new()
        {
            VpsId = seen.VpsId, IsRunning = seen.IsRunning, Uptime = seen.Uptime, ProcessCount = seen.Processes, UsedMemory = seen.UsedMemory, Load = seen.Load, CreatedAt = now,
        });
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }
}
