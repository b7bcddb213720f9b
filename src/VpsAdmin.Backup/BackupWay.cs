namespace VpsAdmin.Backup;

/// <summary>Steps to a backup that is up to date, or why there are none.</summary>
internal sealed record BackupWay(IReadOnlyList<BackupStep> Steps, BackupConflict? Conflict = null)
{
    public BackupWay(BackupConflict conflict)
        : this([], conflict)
    {
    }
}
