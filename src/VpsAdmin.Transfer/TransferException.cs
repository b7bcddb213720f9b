namespace VpsAdmin.Transfer;

public enum TransferFailure
{
    /// <summary>The server's file or its record is definitely gone: the export failed there, or it was deleted.</summary>
    ExportVanished,
    /// <summary>SHA-256 differs. Nothing was committed.</summary>
    ChecksumMismatch,
    /// <summary>The server's file changed under us into something that cannot continue what is here.</summary>
    ExportRewritten,
    /// <summary>Retries are used up.</summary>
    RetriesExhausted,
    /// <summary>An answer that makes no sense: wrong range, refused, redirected.</summary>
    BadResponse,
    /// <summary>gzip or ZFS stream is damaged or cut short.</summary>
    BadStream,
    /// <summary>The target refused: full disk, permissions, <c>zfs receive</c> failed, the consumer went away.</summary>
    SinkFailed,
    /// <summary>What is there already belongs to another download, or is in the way.</summary>
    TargetConflict,
    /// <summary>An export of another format blocks this one.</summary>
    FormatConflict,
}

/// <summary>A transfer that did not end well. The target is as it was, or holds a part that a later run continues.</summary>
public sealed class TransferException(TransferFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public TransferFailure Failure { get; } = failure;
}
