namespace VpsAdmin.Backup;

/// <summary>How many snapshots to keep, all histories counted together.</summary>
/// <param name="MinSnapshots">Never fewer than this.</param>
/// <param name="MaxSnapshots">No more than this, if they are younger than <paramref name="MaxAge"/>.</param>
/// <param name="MaxAge">Older ones go, down to <paramref name="MinSnapshots"/>.</param>
public sealed record RotationPolicy(int MinSnapshots = 30, int MaxSnapshots = 45, TimeSpan? MaxAge = null)
{
    public TimeSpan EffectiveMaxAge => MaxAge ?? TimeSpan.FromDays(30);

    /// <summary>Instead of the numbers: grandfather, father, son. Null: the numbers.</summary>
    public KeepPolicy? Keep { get; init; }
}

/// <param name="Snapshots">To destroy, oldest first.</param>
/// <param name="EmptyHistoryIds">History datasets that are empty afterwards and are to be destroyed too.</param>
public sealed record RotationPlan(IReadOnlyList<LocalSnapshot> Snapshots, IReadOnlyList<int> EmptyHistoryIds)
{
    public IReadOnlyList<LocalSnapshot> Snapshots { get; init; } = Snapshots.ToIndexable();

    public IReadOnlyList<int> EmptyHistoryIds { get; init; } = EmptyHistoryIds.ToIndexable();

    /// <summary>What goes, by name below the filesystem.</summary>
    public override string ToString() =>
        $"destroys {string.Join(", ", [.. Snapshots.Select(static s => $"{s.HistoryId}@{s.Name}"), .. EmptyHistoryIds.Select(static id => $"the dataset {id}")])}";
}
