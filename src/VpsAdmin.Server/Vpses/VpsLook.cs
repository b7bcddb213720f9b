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

    /// <summary>VPSes that no chain works on.</summary>
    public static async Task<IReadOnlyList<VpsLook>> BeginAsync(VpsAdminDb db, CancellationToken cancel)
    {
        var quiet = await db.Vpses.Where(static v => v.State == VpsState.Active && v.Template != null && v.Node.RunsVpses && v.StatusSequence % 2 == 0)
            .SelectMany(static v => v.Dataset!.InPools.Where(i => i.Pool.NodeId == v.NodeId && i.Pool.Role != PoolRole.Backup), static (v, i) => new { v.Id, v.NodeId, v.StatusSequence, v.Dataset!.FullName, i.Pool.Filesystem })
            .ToListAsync(cancel).ConfigureAwait(false);
        return quiet.ConvertAll(static v => new VpsLook(v.NodeId, new VpsPlace(v.Filesystem, v.FullName, v.Id), v.StatusSequence));
    }

    /// <summary>
    /// Writes down what was seen of VPSes, unless something was done to one since it was begun. In one go for all of a node: there are as many as VPSes every few seconds.
    /// </summary>
    /// <returns>How many counted.</returns>
    public static async Task<int> EndAsync(VpsAdminDb db, IReadOnlyList<VpsLook> looks, IReadOnlyList<VpsSample> samples, DateTimeOffset now, CancellationToken cancel)
    {
        var begun = looks.ToDictionary(static look => look.Place.VpsId, static look => look.Sequence);
        var seen = samples.Where(s => begun.ContainsKey(s.VpsId)).DistinctBy(static s => s.VpsId).ToDictionary(static s => s.VpsId);
        var transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        var vpses = await db.KeepVpsesAsync([.. seen.Keys], cancel).ConfigureAwait(false);
        vpses.RemoveAll(vps => !StatusSequence.Holds(begun[vps.Id], vps.StatusSequence));
        await KeepAsync(db, vpses, seen, now, cancel).ConfigureAwait(false);
        foreach (var vps in vpses)
        {
            var sample = seen[vps.Id];
            (vps.IsRunning, vps.Uptime, vps.ProcessCount, vps.UsedMemory, vps.Load, vps.StatusTime) = (sample.IsRunning, sample.Uptime, sample.Processes, sample.UsedMemory, sample.Load, now);
        }
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await transaction.CommitAsync(cancel).ConfigureAwait(false);
        return vpses.Count;
    }

    /// <summary>Lets go what was seen before that time.</summary>
    public static Task<int> ForgetAsync(VpsAdminDb db, DateTimeOffset before, CancellationToken cancel) => db.VpsStatuses.Where(s => s.CreatedAt < before).ExecuteDeleteAsync(cancel);

    /// <summary>For later: what changed, and the rest from time to time.</summary>
    /// <param name="vpses">As they were known before.</param>
    private static async Task KeepAsync(VpsAdminDb db, List<Vps> vpses, Dictionary<long, VpsSample> seen, DateTimeOffset now, CancellationToken cancel)
    {
        var (ids, recent) = (vpses.Select(static v => v.Id).ToList(), now - HistoryStep);
        var kept = await db.VpsStatuses.Where(s => ids.Contains(s.VpsId) && s.CreatedAt > recent).Select(static s => s.VpsId).Distinct().ToListAsync(cancel).ConfigureAwait(false);
        var known = kept.ToHashSet();
        db.VpsStatuses.AddRange(vpses.Where(v => v.IsRunning != seen[v.Id].IsRunning || !known.Contains(v.Id)).Select(v => seen[v.Id]).Select(s => new VpsStatus
        {
            VpsId = s.VpsId, IsRunning = s.IsRunning, Uptime = s.Uptime, ProcessCount = s.Processes, UsedMemory = s.UsedMemory, Load = s.Load, CreatedAt = now,
        }));
    }
}
