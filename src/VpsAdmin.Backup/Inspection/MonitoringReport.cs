using System.Globalization;

namespace VpsAdmin.Backup.Inspection;

/// <summary>
/// Checks as one output of a monitoring plugin (Nagios plugin API): a first line that is shown, with performance data behind a bar, and a line for
/// each of several filesystems; pure.
/// </summary>
/// <param name="ExitCode">The plugin's exit status.</param>
public sealed record MonitoringReport(string Text, int ExitCode)
{
    /// <summary>Not what the numbers say: a backup that is known to be too old is worse than one that could not be looked at.</summary>
    private static readonly BackupState[] Gravity = [BackupState.Ok, BackupState.Warning, BackupState.Unknown, BackupState.Critical];

    /// <summary>No checks at all are no good news: what should have named the backups may have failed.</summary>
    public static MonitoringReport Of(IReadOnlyList<BackupCheck> checks)
    {
        if (checks.Count == 0)
            return new MonitoringReport("BACKUP UNKNOWN - There was no backup to look at.", (int)BackupState.Unknown);
        var worst = checks.MaxBy(static c => Array.IndexOf(Gravity, c.State))!;
        var summary = checks.Count == 1
            ? worst.Message
            : FormattableString.Invariant($"{checks.Count(static c => c.IsFresh)} of {checks.Count} backups are fresh{(worst.State == BackupState.Ok ? "" : $"; {worst.Message}")}");
        var data = string.Join(' ', checks.Where(static c => c.Age is not null).Select(PerformanceData));
        var first = $"BACKUP {Word(worst.State)} - {Line(summary)}{(data.Length == 0 ? "" : $" | {data}")}";
        return new MonitoringReport(
            checks.Count == 1 ? first : string.Join('\n', checks.Select(static c => $"{Word(c.State)}: {Line(c.Message)}").Prepend(first)), worst.ExitCode);
    }

    /// <summary><c>'label'=value;warn;crit;min</c>, in seconds. Names of filesystems have neither quotes nor equal signs.</summary>
    private static string PerformanceData(BackupCheck check) =>
        $"'{check.Filesystem}'={Seconds(check.Age)}s;{Seconds(check.Limits.WarningAge)};{Seconds(check.Limits.MaxAge)};0";

    private static string Seconds(TimeSpan? time) => time is { } t ? ((long)t.TotalSeconds).ToString(CultureInfo.InvariantCulture) : "";

    private static string Word(BackupState state) => state.ToString().ToUpperInvariant();

    /// <summary>A bar would begin performance data, and a line's end other output.</summary>
    private static string Line(string text) => text.ReplaceLineEndings(" ").Replace('|', '/');
}
