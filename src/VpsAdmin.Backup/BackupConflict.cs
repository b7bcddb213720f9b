namespace VpsAdmin.Backup;

/// <summary>Why a backup has nothing to do, or cannot.</summary>
/// <param name="Reason">What was found.</param>
/// <param name="Remedy">What the user can do; empty where nothing needs to be done.</param>
public abstract record BackupConflict(BackupOutcome Outcome, string Reason, string Remedy)
{
    /// <summary>False: all is well, there is only nothing to do.</summary>
    public virtual bool NeedsHelp => true;

    /// <summary>Reason and remedy.</summary>
    public string Message => Remedy.Length == 0 ? Reason : $"{Reason}{(Remedy.Contains('\n', StringComparison.Ordinal) ? Environment.NewLine + Environment.NewLine : " ")}{Remedy}";
}

/// <summary>The server has none of the current history (V15).</summary>
public sealed record NoSnapshots(int HistoryId, string Reason) : BackupConflict(BackupOutcome.NoSnapshots, Reason, "")
{
    public override bool NeedsHelp => false;
}

/// <summary>All that the server has is here.</summary>
/// <param name="HistoryIds">Where: the current one, or older ones (V9, BUG-12).</param>
public sealed record NothingNew(IReadOnlyList<int> HistoryIds, string Reason) : BackupConflict(BackupOutcome.UpToDate, Reason, "")
{
    public IReadOnlyList<int> HistoryIds { get; init; } = HistoryIds.ToIndexable();

    public override bool NeedsHelp => false;
}

/// <summary>All that is new the server is still taking (BUG-9).</summary>
public sealed record Unconfirmed(IReadOnlyList<RemoteSnapshot> Snapshots, string Reason, string Remedy) : BackupConflict(BackupOutcome.Unconfirmed, Reason, Remedy)
{
    public IReadOnlyList<RemoteSnapshot> Snapshots { get; init; } = Snapshots.ToIndexable();

    public override bool NeedsHelp => false;
}

/// <summary>What is here and what the server has do not meet (V11).</summary>
public sealed record NoCommonSnapshot(string Target, string Reason, string Remedy) : BackupConflict(BackupOutcome.NoCommonSnapshot, Reason, Remedy);

/// <summary>The newest common snapshot is not the newest here.</summary>
/// <param name="Common">Newest snapshot of both.</param>
/// <param name="Newer">Local ones after it, oldest first.</param>
public sealed record Diverged(string Target, LocalSnapshot Common, IReadOnlyList<LocalSnapshot> Newer, string Reason, string Remedy)
    : BackupConflict(BackupOutcome.Diverged, Reason, Remedy)
{
    public IReadOnlyList<LocalSnapshot> Newer { get; init; } = Newer.ToIndexable();
}

/// <summary>The filesystem is the backup of another dataset (BUG-8).</summary>
/// <param name="SavedDatasetId">Null: what it remembers is no dataset's id.</param>
public sealed record WrongDataset(long? SavedDatasetId, string Reason, string Remedy) : BackupConflict(BackupOutcome.WrongDataset, Reason, Remedy);

/// <summary>Another run backs up into the filesystem.</summary>
public sealed record AlreadyRunning(string Filesystem, string Reason, string Remedy) : BackupConflict(BackupOutcome.AlreadyRunning, Reason, Remedy);

/// <summary>The server kept something locked, or was under maintenance, until the run would wait no longer.</summary>
public sealed record Locked(string Reason, string Remedy) : BackupConflict(BackupOutcome.Locked, Reason, Remedy);

/// <summary>Neither the request nor the filesystem names a dataset, or the plan is a conflict.</summary>
public sealed class BackupConflictException(BackupConflict? conflict, string message, Exception? inner = null) : Exception(message, inner)
{
    public BackupConflictException(BackupConflict conflict, Exception? inner = null)
        : this(conflict, conflict.Message, inner)
    {
    }

    /// <summary>Null: no dataset id was given or saved.</summary>
    public BackupConflict? Conflict { get; } = conflict;

    public BackupOutcome? Outcome => Conflict?.Outcome;
}
