namespace VpsAdmin.Server.Snapshots;

/// <summary>A snapshot as a rollback sees it.</summary>
/// <param name="IsLocal">On the pool that the dataset is worked in.</param>
/// <param name="Branches">Branches of backups that have it.</param>
internal sealed record RollbackSnapshot(long Id, int HistoryId, bool IsLocal, IReadOnlyList<long> Branches);

/// <param name="Restore">The snapshot is in backups only, and comes back from one of them.</param>
/// <param name="DestroyedCopies">Snapshots whose local copies go, oldest first.</param>
/// <param name="DestroyedSnapshots">Those of them that are nowhere else.</param>
/// <param name="NewHistoryId">What the dataset's history is from then on; null: as it was.</param>
/// <param name="Moved">Snapshots that belong to the new history: those on the way to the target.</param>
internal sealed record RollbackPlan(
    bool Restore, IReadOnlyList<long> DestroyedCopies, IReadOnlyList<long> DestroyedSnapshots, int? NewHistoryId, IReadOnlyList<long> Moved);

/// <summary>What a rollback does to snapshots and histories (spec 2.3).</summary>
internal static class RollbackPlanner
{
    /// <param name="snapshots">All of the dataset, oldest first.</param>
    public static RollbackPlan Plan(IReadOnlyList<RollbackSnapshot> snapshots, int currentHistoryId, long targetId)
    {
        var target = snapshots.Single(s => s.Id == targetId);
        var behind = snapshots.SkipWhile(s => s.Id != targetId).Skip(1).ToList();
        // What comes back from a backup takes the place of all that is there.
        var destroyed = target.IsLocal ? behind.Where(static s => s.IsLocal).ToList() : [.. snapshots.Where(static s => s.IsLocal)];
        var lost = destroyed.Where(static s => s.Branches.Count == 0).ToList();

        // Newer snapshots that stay in a backup are not on the way of what comes next. A backup's tip that was left before is no
        // exception: the present history has gone on without it (BUG-30).
        var stay = behind.Except(lost).ToList();
        if (target.IsLocal && stay.All(static s => !s.IsLocal) && destroyed.Count == 0)
            return new(false, [], [], null, []);
        if (target.IsLocal && stay.Count == 0)
            return new(false, Ids(destroyed), Ids(lost), null, []);

        var moved = snapshots.Except(behind).Where(s => s.Id == targetId || (s.IsLocal && target.IsLocal) || s.Branches.Intersect(target.Branches).Any()).Except(lost);
        return new(!target.IsLocal, Ids(destroyed), Ids(lost), HistoryId.Next(currentHistoryId, snapshots.Select(static s => s.HistoryId)), Ids(moved));
    }

    private static List<long> Ids(IEnumerable<RollbackSnapshot> snapshots) => [.. snapshots.Select(static s => s.Id)];
}
