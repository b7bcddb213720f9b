namespace VpsAdmin.Backup.Inspection;

/// <summary>A snapshot that a backup holds.</summary>
/// <param name="Dataset">Its dataset, <c>FS/history_id</c>.</param>
/// <param name="Name">Behind the <c>@</c>.</param>
/// <param name="Creation">UTC; when the server took it.</param>
/// <param name="Referenced">Bytes that it refers to: the size of a full restore.</param>
public sealed record BackupSnapshot(string Dataset, int HistoryId, string Name, DateTimeOffset Creation, ulong Guid, bool IsHeld, long Referenced)
{
    public override string ToString() => $"{Dataset}@{Name}";
}

/// <summary>One history of a backup, <c>FS/history_id</c>.</summary>
/// <param name="Snapshots">Oldest first.</param>
/// <param name="Used">Bytes that it occupies with all its snapshots.</param>
/// <param name="Referenced">Bytes that it refers to, as of its newest state.</param>
public sealed record BackupHistory(int HistoryId, string Dataset, IReadOnlyList<BackupSnapshot> Snapshots, long Used, long Referenced)
{
    public IReadOnlyList<BackupSnapshot> Snapshots { get; init; } = Snapshots.ToIndexable();
}

/// <summary>A time in which no snapshot was taken although the rhythm wanted one.</summary>
/// <param name="After">The last snapshot before it; UTC.</param>
/// <param name="Before">The next snapshot after it; UTC.</param>
/// <param name="Missed">How many snapshots the rhythm would have brought.</param>
public sealed record BackupGap(DateTimeOffset After, DateTimeOffset Before, int Missed);

/// <summary>What a filesystem of this machine holds as a backup.</summary>
/// <param name="DatasetId">The remote dataset that it remembers; null when it remembers none, or something that is no id.</param>
/// <param name="Histories">In the order of their ids, empty ones included.</param>
/// <param name="Used">Bytes of the filesystem and all below it.</param>
/// <param name="Gaps">Oldest first.</param>
public sealed record LocalBackup(
    string Filesystem, long? DatasetId, IReadOnlyList<BackupHistory> Histories, long Used, IReadOnlyList<BackupGap> Gaps)
{
    public IReadOnlyList<BackupHistory> Histories { get; init; } = Histories.ToIndexable();

    public IReadOnlyList<BackupGap> Gaps { get; init; } = Gaps.ToIndexable();

    /// <summary>Of all histories, oldest first.</summary>
    public IReadOnlyList<BackupSnapshot> Snapshots { get; } =
        Histories.SelectMany(static h => h.Snapshots).OrderBy(static s => s.Creation).ThenBy(static s => s.HistoryId).ToIndexable();

    /// <summary>Null when there are no snapshots.</summary>
    public BackupSnapshot? Oldest => Snapshots.Count == 0 ? null : Snapshots[0];

    /// <summary>Null when there are no snapshots.</summary>
    public BackupSnapshot? Newest => Snapshots.Count == 0 ? null : Snapshots[^1];

    /// <summary>
    /// The newest snapshot of the highest history id that has any: the base of the next increment, unless the server has begun yet another history.
    /// </summary>
    public BackupSnapshot? Base => Histories.LastOrDefault(static h => h.Snapshots.Count > 0)?.Snapshots[^1];

    /// <summary>Whether a hold keeps <see cref="Base"/> from being destroyed by hand.</summary>
    public bool IsBaseHeld => Base?.IsHeld == true;

    public override string ToString() => Filesystem;
}
