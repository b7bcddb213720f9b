namespace VpsAdmin.Backup;

/// <summary>
/// Chooses what to destroy; pure. Never the newest snapshot of the current history nor the base of the next increment (where there is neither: the newest of all),
/// never a held one, and never one that something else is a clone of.
/// </summary>
public static class RotationPlanner
{
    /// <remarks>
    /// By number and age: oldest first, whatever the history, those above the minimum go if they are too old or above the maximum. A protected
    /// one counts and stays, and the next one is looked at.
    /// </remarks>
    /// <param name="currentHistoryId">Its newest local snapshot is kept, and its dataset.</param>
    /// <param name="nextBase">What <see cref="BackupPlanner.Base"/> says; null when nothing is in common with the server.</param>
    public static RotationPlan Plan(LocalInventory local, int currentHistoryId, RotationPolicy policy, DateTimeOffset now, LocalSnapshot? nextBase = null)
    {
        var byAge = local.Snapshots.OrderBy(static s => s.Creation).ToList();
        var protect = local.Snapshots.Where(static s => s.IsHeld).ToHashSet();
        if ((local.Snapshots.LastOrDefault(s => s.HistoryId == currentHistoryId) ?? (nextBase is null ? byAge.LastOrDefault() : null)) is { } newest)
            protect.Add(newest);
        if (nextBase is not null)
            protect.Add(nextBase);

        // What a clone needs goes at the run after the one that empties the clone.
        var origins = local.Origins.Values.Concat(local.OtherOrigins).Select(static o => (o.HistoryId, o.Name)).ToHashSet();
        var destroyed = Choose(byAge, policy, now, s => protect.Contains(s) || origins.Contains((s.HistoryId, s.Name)));
        var kept = byAge.Where(s => !destroyed.Contains(s)).Select(static s => s.HistoryId).Append(currentHistoryId).ToHashSet();
        return new RotationPlan([.. byAge.Where(destroyed.Contains)], [.. local.HistoryIds.Where(id => !kept.Contains(id))]);
    }

    private static HashSet<LocalSnapshot> Choose(List<LocalSnapshot> byAge, RotationPolicy policy, DateTimeOffset now, Func<LocalSnapshot, bool> isProtected)
    {
        var destroyed = new HashSet<LocalSnapshot>(ReferenceEqualityComparer.Instance);
        if (policy.Keep is { } keep)
        {
            var kept = keep.Choose([.. byAge.AsEnumerable().Reverse()]);
            destroyed.UnionWith(byAge.Where(s => !kept.Contains(s) && !isProtected(s)));
            return destroyed;
        }

        var cutoff = now - DateTimeOffset.MinValue > policy.EffectiveMaxAge ? now - policy.EffectiveMaxAge : DateTimeOffset.MinValue;
        foreach (var snapshot in byAge)
        {
            var left = byAge.Count - destroyed.Count;
            if (left <= policy.MinSnapshots || (snapshot.Creation > cutoff && left <= policy.MaxSnapshots))
                break;
            if (!isProtected(snapshot))
                destroyed.Add(snapshot);
        }
        return destroyed;
    }
}
