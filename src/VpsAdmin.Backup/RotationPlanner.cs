namespace VpsAdmin.Backup;

/// <summary>Chooses what to destroy; pure. Never the newest snapshot of the current history, never a held one.</summary>
public static class RotationPlanner
{
    /// <remarks>
    /// Oldest first, whatever the history: those above the minimum go if they are too old or above the maximum. A protected one counts and
    /// stays, and the next one is looked at.
    /// </remarks>
    /// <param name="currentHistoryId">Its newest local snapshot is the base of the next increment; its dataset is never destroyed.</param>
    public static RotationPlan Plan(LocalInventory local, int currentHistoryId, RotationPolicy policy, DateTimeOffset now)
    {
        var nextBase = local.Snapshots.LastOrDefault(s => s.HistoryId == currentHistoryId);
        var cutoff = now - DateTimeOffset.MinValue > policy.EffectiveMaxAge ? now - policy.EffectiveMaxAge : DateTimeOffset.MinValue;
        var destroyed = new HashSet<LocalSnapshot>(ReferenceEqualityComparer.Instance);
        foreach (var snapshot in local.Snapshots.OrderBy(static s => s.Creation))
        {
            var left = local.Snapshots.Count - destroyed.Count;
            if (left <= policy.MinSnapshots || (snapshot.Creation > cutoff && left <= policy.MaxSnapshots))
                break;
            if (!snapshot.IsHeld && !ReferenceEquals(snapshot, nextBase))
                destroyed.Add(snapshot);
        }

        var needed = local.Snapshots.Where(s => !destroyed.Contains(s)).Select(static s => s.HistoryId).Append(currentHistoryId).ToHashSet();
        return new RotationPlan(
            [.. local.Snapshots.Where(destroyed.Contains).OrderBy(static s => s.Creation)],
            [.. local.HistoryIds.Where(id => !needed.Contains(id))]);
    }
}
