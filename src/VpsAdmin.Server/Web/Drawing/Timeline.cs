namespace VpsAdmin.Server.Web.Drawing;

/// <summary>A snapshot as the drawing needs it.</summary>
public sealed record TimelineSnapshot(long Id, string Name, DateTimeOffset At, int HistoryId);

/// <param name="X">From 0, the oldest, to 1.</param>
/// <param name="Lane">From 0, the present history.</param>
public sealed record TimelinePoint(TimelineSnapshot Snapshot, double X, int Lane);

/// <summary>One history: its line, from its first to its last snapshot.</summary>
public sealed record TimelineLane(int HistoryId, int Lane, double FromX, double ToX, bool IsPresent);

/// <summary>Where a history that was left leaves the one that went on.</summary>
public sealed record TimelineFork(double FromX, int FromLane, double ToX, int ToLane);

/// <summary>
/// Snapshots in their order, a lane for each history. A rollback gives the snapshots that lead to its target a new history and leaves what
/// came behind it in the old one: so a lane that was left begins behind the last older snapshot of a history that came later.
/// </summary>
public sealed record Timeline(IReadOnlyList<TimelinePoint> Points, IReadOnlyList<TimelineLane> Lanes, IReadOnlyList<TimelineFork> Forks)
{
    /// <param name="snapshots">In any order.</param>
    /// <param name="presentHistory">History that new snapshots belong to.</param>
    public static Timeline Draw(IEnumerable<TimelineSnapshot> snapshots, int presentHistory)
    {
        var ordered = snapshots.OrderBy(static s => s.At).ThenBy(static s => s.Id).ToList();
        var histories = ordered.Select(static s => s.HistoryId).Append(presentHistory).Distinct()
            .OrderByDescending(h => h == presentHistory).ThenByDescending(static h => h).ToList();
        var points = ordered.Select((s, i) => new TimelinePoint(s, Place(i, ordered.Count), histories.IndexOf(s.HistoryId))).ToList();
        var lanes = histories.Select((history, lane) => Lane(points, history, lane, history == presentHistory)).ToList();
        return new(points, lanes, [.. lanes.Where(static l => !l.IsPresent).Select(l => Fork(points, l)).OfType<TimelineFork>()]);
    }

    private static double Place(int index, int count) => count == 1 ? 0.5 : index / (double)(count - 1);

    private static TimelineLane Lane(List<TimelinePoint> points, int history, int lane, bool isPresent)
    {
        var own = points.Where(p => p.Lane == lane).ToList();
        var (from, to) = own.Count == 0 ? (1.0, 1.0) : (own[0].X, own[^1].X);
        return new(history, lane, from, isPresent ? 1 : to, isPresent);
    }

    private static TimelineFork? Fork(List<TimelinePoint> points, TimelineLane lane) =>
        points.LastOrDefault(p => p.X < lane.FromX && p.Lane < lane.Lane) is { } left ? new(left.X, left.Lane, lane.FromX, lane.Lane) : null;
}
