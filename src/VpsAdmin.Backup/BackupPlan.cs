namespace VpsAdmin.Backup;

/// <param name="InitialSnapshots">On the first run take only the newest N; null: all.</param>
/// <param name="Seed">Begin a new history from a shared snapshot that is here under an older one; false: with a full stream.</param>
/// <param name="Force">Destroy local snapshots that are in the way of the next increment.</param>
public sealed record BackupPlanOptions(int? InitialSnapshots = null, bool Seed = true, bool Force = false)
{
    /// <summary>Names of common snapshots from which the server has refused an increment, or which have only their name in common.</summary>
    public IReadOnlySet<string> Refused { get; init; } = new HashSet<string>();
}

/// <summary>One step of a plan, with its reason in words.</summary>
/// <param name="Target">The history dataset that it changes.</param>
public abstract record BackupStep(string Target, string Reason);

/// <summary>Receive a full stream of <paramref name="Snapshot"/> into <paramref name="Target"/>, which has no snapshots.</summary>
public sealed record FullStep(string Target, RemoteSnapshot Snapshot, string Reason) : BackupStep(Target, Reason);

/// <summary>Receive everything after <paramref name="Base"/> up to <paramref name="Snapshot"/> into <paramref name="Target"/>.</summary>
/// <param name="Included">The snapshots that the stream brings, oldest first; the last is <paramref name="Snapshot"/>.</param>
public sealed record IncrementalStep(
    string Target, RemoteSnapshot Base, RemoteSnapshot Snapshot, IReadOnlyList<RemoteSnapshot> Included, string Reason) : BackupStep(Target, Reason)
{
    public IReadOnlyList<RemoteSnapshot> Included { get; init; } = Included.ToIndexable();
}

/// <summary>
/// Make <paramref name="Target"/> of <paramref name="Snapshot"/> and all before it, without moving data: a clone, promoted, owns them from then on.
/// </summary>
/// <param name="Source">The dataset that has them; what it has after <paramref name="Snapshot"/> it keeps.</param>
public sealed record SeedStep(string Source, LocalSnapshot Snapshot, string Target, string Reason) : BackupStep(Target, Reason);

/// <summary>Destroy what <paramref name="Target"/> has after <paramref name="Snapshot"/>.</summary>
/// <param name="Destroyed">Oldest first.</param>
public sealed record RollbackStep(string Target, LocalSnapshot Snapshot, IReadOnlyList<LocalSnapshot> Destroyed, string Reason) : BackupStep(Target, Reason)
{
    public IReadOnlyList<LocalSnapshot> Destroyed { get; init; } = Destroyed.ToIndexable();
}

/// <summary>Rename <paramref name="Target"/> to <paramref name="NewName"/>, which no backup looks at, so that its place is free.</summary>
public sealed record AsideStep(string Target, string NewName, string Reason) : BackupStep(Target, Reason);

public enum BackupOutcome
{
    /// <summary>There are steps to do.</summary>
    Transfer,
    /// <summary>The server has no snapshots of the current history (V15).</summary>
    NoSnapshots,
    /// <summary>All that the server has is here (also under an older history id: V9).</summary>
    UpToDate,
    /// <summary>All that is new is still being taken by the server (BUG-9).</summary>
    Unconfirmed,
    /// <summary>Local and remote share no snapshot, and there are local ones (V11).</summary>
    NoCommonSnapshot,
    /// <summary>After the newest common snapshot there are others here that the server does not have.</summary>
    Diverged,
    /// <summary>The filesystem is the backup of another dataset (BUG-8).</summary>
    WrongDataset,
    /// <summary>Another run is backing up into the filesystem at this moment.</summary>
    AlreadyRunning,
    /// <summary>The server kept it locked, or was under maintenance, for longer than the run could wait.</summary>
    Locked,
}

/// <summary>What a backup run will do, or why it will not.</summary>
/// <param name="Target"><c>FS/current_history_id</c>.</param>
/// <param name="Conflict">Why there are no steps; null when there are some.</param>
/// <param name="Message">For people: what was decided and why, and for conflicts what to do.</param>
public sealed record BackupPlan(string Target, IReadOnlyList<BackupStep> Steps, BackupConflict? Conflict, string Message)
{
    public IReadOnlyList<BackupStep> Steps { get; init; } = Steps.ToIndexable();

    public BackupOutcome Outcome => Conflict?.Outcome ?? BackupOutcome.Transfer;

    /// <summary>What rotation would destroy after the steps; null when none was asked for, or for a conflict.</summary>
    public RotationPlan? Rotation { get; init; }

    /// <summary>Somebody has to do something before the backup can go on.</summary>
    public bool IsConflict => Conflict is { NeedsHelp: true };
}
