using VpsAdmin.Backup.Inspection;

namespace VpsAdmin.Backup.Restoring;

/// <summary>Which snapshot of a backup; all null: the newest.</summary>
/// <param name="HistoryId">Only of this history.</param>
/// <param name="Name">Behind the <c>@</c>.</param>
/// <param name="At">The newest that is not younger; UTC.</param>
public sealed record RestoreSelection(int? HistoryId = null, string? Name = null, DateTimeOffset? At = null);

/// <summary>Where a restored snapshot goes.</summary>
public abstract record RestoreTarget;

/// <summary>A new filesystem on this machine, with the snapshot in it.</summary>
public sealed record DatasetTarget(string Filesystem) : RestoreTarget
{
    public override string ToString() => Filesystem;
}

/// <summary>A file with the snapshot's full stream, such as <c>zfs receive</c> reads.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Compress">As gzip.</param>
/// <param name="Overwrite">Replace a file that is there.</param>
public sealed record StreamFileTarget(string Path, bool Compress, bool Overwrite) : RestoreTarget
{
    public override string ToString() => Path;
}

/// <summary>A copy of one file or folder of the snapshot.</summary>
/// <param name="Source">Path inside the snapshot; empty: all of it.</param>
/// <param name="Folder">Full path of the folder to copy into; all of a snapshot becomes this folder itself.</param>
public sealed record FilesTarget(SnapshotPath Source, string Folder) : RestoreTarget
{
    /// <summary>Full path of what will be there.</summary>
    public string Final => Source.IsRoot ? Folder : Path.Combine(Folder, Source.Leaf);

    public override string ToString() => Final;
}

/// <summary>What a restore will do.</summary>
/// <param name="Bytes">About so many; of files, those of the whole snapshot.</param>
public sealed record RestorePlan(BackupSnapshot Snapshot, RestoreTarget Target, long Bytes, string Message);

/// <param name="Step">What is being done, in words.</param>
/// <param name="Total">Estimated; null: unknown.</param>
public sealed record RestoreProgress(string Step, long Bytes, long? Total);

/// <summary>What came of a restore.</summary>
/// <param name="Target">The filesystem, file or folder that is there now.</param>
/// <param name="Bytes">Of the ZFS stream before compression; null for files.</param>
/// <param name="Sha256">Of the file with the stream; null otherwise.</param>
/// <param name="Verified">
/// The filesystem's snapshot has the guid of the backup's, or the stream in the file is whole; false where only the copying program says so.
/// </param>
public sealed record RestoreResult(BackupSnapshot Snapshot, string Target, long? Bytes, string? Sha256, bool Verified, TimeSpan Duration);
