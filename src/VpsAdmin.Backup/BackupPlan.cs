namespace VpsAdmin.Backup;

/// <param name="InitialSnapshots">On the first run take only the newest N; null: all.</param>
public sealed record BackupPlanOptions(int? InitialSnapshots = null);

/// <summary>One step of a plan, with its reason in words.</summary>
public abstract record BackupStep(string Reason);

/// <summary>Receive a full stream of <paramref name="Snapshot"/> into <paramref name="Target"/>, which has no snapshots.</summary>
public sealed record FullStep(string Target, RemoteSnapshot Snapshot, string Reason) : BackupStep(Reason);

/// <summary>Receive everything after <paramref name="Base"/> up to <paramref name="Snapshot"/> into <paramref name="Target"/>.</summary>
/// <param name="Included">The snapshots that the stream brings, oldest first; the last is <paramref name="Snapshot"/>.</param>
public sealed record IncrementalStep(
    string Target, RemoteSnapshot Base, RemoteSnapshot Snapshot, IReadOnlyList<RemoteSnapshot> Included, string Reason) : BackupStep(Reason);

public enum BackupOutcome
{
    /// <summary>There are steps to do.</summary>
    Transfer,
    /// <summary>The server has no snapshots of the current history (V15).</summary>
    NoSnapshots,
    /// <summary>All that the server has is here (also under an older history id: V9).</summary>
    UpToDate,
    /// <summary>Local and remote share no snapshot, and there are local ones (V11).</summary>
    NoCommonSnapshot,
    /// <summary>The filesystem is the backup of another dataset (BUG-8).</summary>
    WrongDataset,
    /// <summary>Another run is backing up into the filesystem at this moment.</summary>
    AlreadyRunning,
}

/// <summary>What a backup run will do, or why it will not.</summary>
/// <param name="Target"><c>FS/current_history_id</c>.</param>
/// <param name="Message">For people: what was decided and why, and for conflicts what to do.</param>
public sealed record BackupPlan(BackupOutcome Outcome, string Target, IReadOnlyList<BackupStep> Steps, string Message)
{
    /// <summary>What rotation would destroy after the steps; null when none was asked for, or for a conflict.</summary>
    public RotationPlan? Rotation { get; init; }

    public bool IsConflict => Outcome is BackupOutcome.NoCommonSnapshot or BackupOutcome.WrongDataset or BackupOutcome.AlreadyRunning;
}
