using System.Globalization;

namespace VpsAdmin.Backup.Scheduling;

/// <summary>A file of cron's own folder (crontab(5), with the user in each line).</summary>
internal static class CronTable
{
    public static string PathOf(string name) => $"etc/cron.d/vpsadmin-backup-{name}";

    public static ScheduleFile Of(BackupSchedule schedule, ScheduleFile script)
    {
        var command = schedule.IsPwsh
            ? $"{Argument(schedule.Program)} -NoProfile -NonInteractive -File {Argument(script.ToString())}"
            : $"{Argument(schedule.Program)} {Argument(script.ToString())}";
        var days = schedule.When.Days.Count == 0 ? "*" : string.Join(',', schedule.When.OrderedDays.Select(static d => ((int)d).ToString(CultureInfo.InvariantCulture)));
        string[] lines =
        [
            $"# Backs up a dataset of a vpsAdmin into {schedule.Filesystem}. Errors are mailed; results are not.",
            "SHELL=/bin/sh",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            .. schedule.When.OrderedAt.Select(at => FormattableString.Invariant($"{at.Minute} {at.Hour} * * {days} root {command} >/dev/null")),
        ];
        return new ScheduleFile(PathOf(schedule.Name), string.Join('\n', lines) + "\n");
    }

    /// <summary>The first five fields of each entry.</summary>
    public static IEnumerable<string> FindTimes(string table) =>
        table.Split('\n')
            .Where(static l => l.Length > 0 && (char.IsAsciiDigit(l[0]) || l[0] is '*' or '@'))
            .Select(static l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(l[0] == '@' ? 1 : 5)));

    /// <summary>For cron's shell, and with the percent sign, which is a line's end to cron, escaped: it cannot be quoted.</summary>
    private static string Argument(string text)
    {
        var quoted = text.All(static c => char.IsAsciiLetterOrDigit(c) || "/._:+@,=-".Contains(c, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        return quoted.Contains('%', StringComparison.Ordinal)
            ? throw new InvalidScheduleException(nameof(BackupSchedule.Program), $"cron cannot run '{text}': a percent sign in quotes is cut off there. Choose another path.")
            : quoted;
    }
}
