using System.Globalization;

namespace VpsAdmin.Backup.Scheduling;

/// <summary>A service and its timer (systemd.service(5), systemd.timer(5), systemd.time(7)). A missed run is caught up with.</summary>
internal static class SystemdUnits
{
    private const string Folder = "etc/systemd/system";

    public static string Timer(string name) => $"vpsadmin-backup-{name}.timer";

    public static string TimerPath(string name) => $"{Folder}/{Timer(name)}";

    public static string ServicePath(string name) => $"{Folder}/vpsadmin-backup-{name}.service";

    public static IEnumerable<ScheduleFile> Of(BackupSchedule schedule, ScheduleFile script)
    {
        string[] command = schedule.IsPwsh
            ? [schedule.Program, "-NoProfile", "-NonInteractive", "-File", script.ToString()]
            : [schedule.Program, script.ToString()];
        yield return new ScheduleFile(ServicePath(schedule.Name), $"""
            [Unit]
            Description=Backup of a vpsAdmin dataset into {Specifiers(schedule.Filesystem)}
            Wants=network-online.target
            After=network-online.target

            [Service]
            Type=oneshot
            ExecStart={string.Join(' ', command.Select(Argument))}

            """.ReplaceLineEndings("\n"));
        yield return new ScheduleFile(TimerPath(schedule.Name), $"""
            [Unit]
            Description=Times of the backup of a vpsAdmin dataset into {Specifiers(schedule.Filesystem)}

            [Timer]
            {string.Join('\n', Calendar(schedule.When).Select(static c => $"OnCalendar={c}"))}
            Persistent=true

            [Install]
            WantedBy=timers.target

            """.ReplaceLineEndings("\n"));
    }

    /// <summary>The text of a timer's <c>OnCalendar=</c> lines.</summary>
    public static IEnumerable<string> FindTimes(string timer) =>
        timer.Split('\n').Where(static l => l.StartsWith("OnCalendar=", StringComparison.Ordinal)).Select(static l => l["OnCalendar=".Length..].Trim());

    private static IEnumerable<string> Calendar(ScheduleTimes when)
    {
        var days = string.Join(',', when.OrderedDays.Select(static d => d.ToString()[..3]));
        return when.OrderedAt.Select(at => $"{(days.Length == 0 ? "" : days + " ")}*-*-* {at.ToString("HH:mm", CultureInfo.InvariantCulture)}:00");
    }

    /// <summary>Quoted where it must be; a dollar sign would begin a variable, a backslash an escape.</summary>
    private static string Argument(string text)
    {
        var escaped = Specifiers(text).Replace("$", "$$", StringComparison.Ordinal);
        return escaped.All(static c => char.IsAsciiLetterOrDigit(c) || "/._:+@,=-%$".Contains(c, StringComparison.Ordinal))
            ? escaped
            : $"\"{escaped.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    private static string Specifiers(string text) => text.Replace("%", "%%", StringComparison.Ordinal);
}
