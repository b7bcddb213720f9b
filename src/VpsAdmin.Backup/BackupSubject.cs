namespace VpsAdmin.Backup;

/// <summary>What a run is about, as it was found.</summary>
/// <param name="NextBase">Snapshot that an increment would go on from; null: a full stream would be needed.</param>
public sealed record BackupSubject(long DatasetId, string? DatasetName, int HistoryId, string? NextBase);
