namespace VpsAdmin.Backup;

/// <summary>A snapshot in the local backup.</summary>
/// <param name="HistoryId">From the name of its dataset, <c>FS/history_id</c>.</param>
/// <param name="Creation">UTC.</param>
/// <param name="IsHeld">Has user holds.</param>
public sealed record LocalSnapshot(int HistoryId, string Name, DateTimeOffset Creation, ulong Guid, bool IsHeld);

/// <summary>The snapshot of one history dataset that another one is a clone of.</summary>
public sealed record HistoryOrigin(int HistoryId, string Name);

/// <summary>What a local filesystem holds: <c>FS/history_id@name</c>; other children are ignored.</summary>
/// <param name="SavedDatasetId">From the user property; null when unset.</param>
/// <param name="HistoryIds">History datasets that exist, empty ones included.</param>
/// <param name="Snapshots">Grouped by history id, oldest first in each.</param>
public sealed record LocalInventory(string Filesystem, long? SavedDatasetId, IReadOnlyList<int> HistoryIds, IReadOnlyList<LocalSnapshot> Snapshots)
{
    /// <summary>
    /// History datasets that are clones, by history id: what seeding a new history leaves of the old one. Their origin cannot be destroyed
    /// before them.
    /// </summary>
    public IReadOnlyDictionary<int, HistoryOrigin> Origins { get; init; } = new Dictionary<int, HistoryOrigin>();

    /// <summary>Snapshots that children of other names are clones of; they cannot be destroyed either.</summary>
    public IReadOnlyList<HistoryOrigin> OtherOrigins { get; init; } = [];

    /// <summary>What the filesystem was marked with by the last backup; null: none has.</summary>
    public BackupMark? Mark { get; init; }

    /// <summary>What history datasets are marked with (<see cref="BackupMark.Property"/>), by history id, where they are.</summary>
    public IReadOnlyDictionary<int, string> Marks { get; init; } = new Dictionary<int, string>();

    /// <summary>Full names of the children that are no history datasets.</summary>
    public IReadOnlyList<string> OtherChildren { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<LocalSnapshot> Of(int historyId) => [.. Snapshots.Where(s => s.HistoryId == historyId)];
}

/// <summary>A snapshot that the server lists.</summary>
/// <param name="Guid">Null where the server does not tell, as none does today.</param>
public sealed record RemoteSnapshot(long Id, string Name, DateTimeOffset CreatedAt, int HistoryId, bool IsConfirmed, ulong? Guid = null)
{
    /// <summary>The same snapshot: by name, and by guid where both are known.</summary>
    public bool Is(LocalSnapshot local) => local.Name == Name && (Guid is null || Guid == local.Guid);
}

/// <param name="Snapshots">Oldest first.</param>
public sealed record RemoteInventory(long DatasetId, string DatasetName, int CurrentHistoryId, IReadOnlyList<RemoteSnapshot> Snapshots)
{
    /// <summary>Address of the server's API.</summary>
    public string Server { get; init; } = "";

    public BackupMark Mark => new(DatasetId, Server);

    /// <summary>
    /// Those of the current history that can be transferred. An unconfirmed one the server is still taking (BUG-9); a name that ZFS cannot
    /// have is not to be trusted.
    /// </summary>
    public IReadOnlyList<RemoteSnapshot> Current =>
        [.. Snapshots.Where(s => s.HistoryId == CurrentHistoryId && s.IsConfirmed && Zfs.ZfsName.IsSnapshot(s.Name))];

    /// <summary>Those of the current history that the server is still taking.</summary>
    public IReadOnlyList<RemoteSnapshot> Unconfirmed => [.. Snapshots.Where(s => s.HistoryId == CurrentHistoryId && !s.IsConfirmed)];
}
