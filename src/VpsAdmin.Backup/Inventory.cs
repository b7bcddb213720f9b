namespace VpsAdmin.Backup;

/// <summary>A snapshot in the local backup.</summary>
/// <param name="HistoryId">From the name of its dataset, <c>FS/history_id</c>.</param>
/// <param name="Creation">UTC.</param>
/// <param name="IsHeld">Has user holds.</param>
public sealed record LocalSnapshot(int HistoryId, string Name, DateTimeOffset Creation, ulong Guid, bool IsHeld);

/// <summary>What a local filesystem holds: <c>FS/history_id@name</c>; other children are ignored.</summary>
/// <param name="SavedDatasetId">From the user property; null when unset.</param>
/// <param name="HistoryIds">History datasets that exist, empty ones included.</param>
/// <param name="Snapshots">Grouped by history id, oldest first in each.</param>
public sealed record LocalInventory(string Filesystem, long? SavedDatasetId, IReadOnlyList<int> HistoryIds, IReadOnlyList<LocalSnapshot> Snapshots);

/// <summary>A snapshot that the server lists.</summary>
public sealed record RemoteSnapshot(long Id, string Name, DateTimeOffset CreatedAt, int HistoryId, bool IsConfirmed);

/// <param name="Snapshots">Oldest first.</param>
public sealed record RemoteInventory(long DatasetId, string DatasetName, int CurrentHistoryId, IReadOnlyList<RemoteSnapshot> Snapshots);
