namespace VpsAdmin.Backup.Inspection;

/// <summary>How a backup is, in the words and numbers of the monitoring plugins of Nagios, Icinga and their kin.</summary>
public enum BackupState
{
    Ok = 0,
    Warning = 1,
    Critical = 2,
    /// <summary>It could not be looked at.</summary>
    Unknown = 3,
}

/// <param name="MaxAge">The newest snapshot must not be older.</param>
/// <param name="WarningAge">From this age on it is a warning; null: never.</param>
public sealed record BackupLimits(TimeSpan MaxAge, TimeSpan? WarningAge = null);

/// <summary>What a look at the age of a backup found.</summary>
/// <param name="Newest">Null when there is none, or it could not be looked at.</param>
/// <param name="Age">Of <paramref name="Newest"/>; never negative.</param>
/// <param name="Message">For people.</param>
public sealed record BackupCheck(
    string Filesystem, BackupState State, BackupSnapshot? Newest, TimeSpan? Age, BackupLimits Limits, string Message)
{
    /// <summary>Whether there is a backup that is not too old; a warning is one.</summary>
    public bool IsFresh => State is BackupState.Ok or BackupState.Warning;

    /// <summary>0: ok, 1: warning, 2: critical, 3: unknown.</summary>
    public int ExitCode => (int)State;
}
