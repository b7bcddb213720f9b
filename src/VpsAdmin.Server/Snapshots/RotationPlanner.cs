namespace VpsAdmin.Server.Snapshots;

/// <param name="IsNeeded">Something depends on it, or no backup has it yet.</param>
internal sealed record RotatedSnapshot(long Id, DateTimeOffset CreatedAt, bool IsNeeded);

/// <param name="MaxAge">Older ones go.</param>
internal sealed record RotationLimits(int Min, int Max, TimeSpan MaxAge);

/// <summary>Which snapshots have had their time (spec 2.7): those that are too old as long as enough are left, and the oldest of too many.</summary>
internal static class RotationPlanner
{
    /// <param name="snapshots">Oldest first.</param>
    public static IReadOnlyList<long> Plan(IReadOnlyList<RotatedSnapshot> snapshots, RotationLimits limits, DateTimeOffset now)
    {
        var destroyed = new List<long>();
        foreach (var snapshot in snapshots)
        {
            var left = snapshots.Count - destroyed.Count;
            var isOld = snapshot.CreatedAt < now - limits.MaxAge;
            if (left <= limits.Min || (!isOld && left <= limits.Max))
                break;
            if (!snapshot.IsNeeded)
                destroyed.Add(snapshot.Id);
        }
        return destroyed;
    }
}
