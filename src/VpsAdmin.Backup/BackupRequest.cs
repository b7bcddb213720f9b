using VpsAdmin.Transfer;

namespace VpsAdmin.Backup;

/// <param name="DatasetId">Null: the id saved in the filesystem's property.</param>
/// <param name="Filesystem">Filesystem that exists; history datasets are made below it.</param>
/// <param name="Rotation">Null: no rotation.</param>
/// <param name="KeepOnServer">Leave the server's files.</param>
/// <param name="Force">Change the saved dataset id; throw away local changes and snapshots that are in the way of the next increment.</param>
public sealed record BackupRequest(
    long? DatasetId, string Filesystem, BackupPlanOptions Plan, RotationPolicy? Rotation, TransferOptions Transfer, bool KeepOnServer = false, bool Force = false)
{
    /// <summary>Folder where streams are kept until they are received; null: they go straight into <c>zfs receive</c>.</summary>
    public string? SpoolFolder { get; init; }

    /// <summary>Let what is received be mounted.</summary>
    public bool Mount { get; init; }
}

/// <param name="Step">What is being done, in words.</param>
/// <param name="Transfer">Null outside transfers.</param>
public sealed record BackupProgress(string Step, TransferProgress? Transfer)
{
    /// <summary>Something to be told although the backup fails for another reason; those of a backup that succeeds are in its result.</summary>
    public string? Warning { get; init; }
}

/// <param name="Plan">The plan that was carried out: after the server had refused another, the last one.</param>
/// <param name="SnapshotsAdded">Names, oldest first.</param>
/// <param name="SnapshotsDestroyed">Full local names, oldest first.</param>
/// <param name="Bytes">Downloaded, compressed.</param>
/// <param name="Verified">The server's SHA-256 of every transfer was compared and equal; also when there was none.</param>
/// <param name="NextBase">Snapshot that the next increment begins at; null when nothing is in common with the server.</param>
/// <param name="Warnings">Also what the server refused, and what was done instead.</param>
public sealed record BackupResult(
    long DatasetId, string DatasetName, string Filesystem, int HistoryId, BackupPlan Plan, IReadOnlyList<string> SnapshotsAdded,
    IReadOnlyList<string> SnapshotsDestroyed, long Bytes, TimeSpan Duration, bool Verified, int Retries, string? NextBase, IReadOnlyList<string> Warnings)
{
    public IReadOnlyList<string> SnapshotsAdded { get; init; } = SnapshotsAdded.ToIndexable();

    public IReadOnlyList<string> SnapshotsDestroyed { get; init; } = SnapshotsDestroyed.ToIndexable();

    public IReadOnlyList<string> Warnings { get; init; } = Warnings.ToIndexable();

    public BackupOutcome Outcome => Plan.Outcome;

    /// <summary>Time of the transfers alone.</summary>
    public TimeSpan TransferTime { get; init; }

    /// <summary>Of the transfers; null when there was none.</summary>
    public double? BytesPerSecond => TransferTime > TimeSpan.Zero ? Bytes / TransferTime.TotalSeconds : null;

    /// <summary>Snapshots that are here now, in all histories.</summary>
    public int SnapshotCount { get; init; }

    /// <summary>Creation of the newest snapshot here, UTC; null when there is none.</summary>
    public DateTimeOffset? NewestSnapshot { get; init; }
}
