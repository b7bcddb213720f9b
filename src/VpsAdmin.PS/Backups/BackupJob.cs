namespace VpsAdmin.PS.Backups;

/// <summary>One backup that a command was asked for.</summary>
/// <param name="Target">What the user named, for errors.</param>
/// <param name="FindDatasetId">Null: the one that the filesystem remembers.</param>
internal sealed record BackupJob(object Target, string Filesystem, Func<CancellationToken, Task<long?>> FindDatasetId);
