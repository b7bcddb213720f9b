namespace VpsAdmin.Backup.Restoring;

public enum RestoreFailure
{
    /// <summary>The backup has no such snapshot.</summary>
    SnapshotNotFound,
    /// <summary>What is to be made is there already, or would be taken for a part of the backup.</summary>
    TargetConflict,
    /// <summary>The snapshot has no such file or folder, or the way to it leads through a link.</summary>
    PathNotFound,
    /// <summary>Another restore of files out of the same backup is running.</summary>
    AlreadyRunning,
    /// <summary>The snapshot's files could not be shown or copied.</summary>
    CopyFailed,
    /// <summary>What arrived is not the snapshot that was sent.</summary>
    Mismatch,
}

/// <summary>A restore that did not end well; nothing is left under a final name.</summary>
public sealed class RestoreException(RestoreFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public RestoreFailure Failure { get; } = failure;
}
