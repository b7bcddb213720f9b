namespace VpsAdmin.Backup.Scheduling;

/// <summary>Names of schedules: letters, digits and dashes, which units, tasks and cron's files all can have (cron passes over names with dots).</summary>
public static class ScheduleName
{
    private const int MaxLength = 100;

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Such as <c>tank-backup-web</c> for <c>tank/backup/web</c>.</summary>
    public static string For(string filesystem)
    {
        var name = string.Concat(filesystem.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '_' ? c : '-'));
        return name.Length <= MaxLength ? name : name[^MaxLength..].TrimStart('-', '_');
    }
}
