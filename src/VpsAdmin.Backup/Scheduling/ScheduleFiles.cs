namespace VpsAdmin.Backup.Scheduling;

/// <summary>What each scheduler wants written, and how it is told; pure.</summary>
public static class ScheduleFiles
{
    /// <exception cref="ArgumentException">A value that cannot be written safely, or a schedule without times.</exception>
    public static IReadOnlyList<ScheduleFile> Of(BackupSchedule schedule, ScheduleKind kind)
    {
        Check(schedule);
        var script = new ScheduleFile(ScriptPath(kind, schedule.Name), ScheduleScript.Text(schedule));
        return kind switch
        {
            ScheduleKind.Systemd => [script, .. SystemdUnits.Of(schedule, script)],
            ScheduleKind.Cron => [script, CronTable.Of(schedule, script)],
            ScheduleKind.TaskScheduler => [script, ScheduledTask.Of(schedule)],
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
    }

    /// <summary>Paths of all files of a schedule, the script first.</summary>
    public static IReadOnlyList<string> Paths(ScheduleKind kind, string name) => kind switch
    {
        ScheduleKind.Systemd => [ScriptPath(kind, name), SystemdUnits.ServicePath(name), SystemdUnits.TimerPath(name)],
        ScheduleKind.Cron => [ScriptPath(kind, name), CronTable.PathOf(name)],
        ScheduleKind.TaskScheduler => [ScriptPath(kind, name), ScheduledTask.PathOf(name)],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Programs with arguments that make the scheduler begin with new files.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Activation(ScheduleKind kind, string name, string root) => kind switch
    {
        ScheduleKind.Systemd => [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", SystemdUnits.Timer(name)]],
        // cron looks into its folder every minute.
        ScheduleKind.Cron => [],
        ScheduleKind.TaskScheduler => [["schtasks", "/Create", "/F", "/TN", ScheduledTask.TaskName(name), "/XML", Path.Combine(root, ScheduledTask.PathOf(name))]],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Programs with arguments that make the scheduler end, before the files go and after.</summary>
    public static (IReadOnlyList<IReadOnlyList<string>> Before, IReadOnlyList<IReadOnlyList<string>> After) Deactivation(ScheduleKind kind, string name) => kind switch
    {
        ScheduleKind.Systemd => ([["systemctl", "disable", "--now", SystemdUnits.Timer(name)]], [["systemctl", "daemon-reload"]]),
        ScheduleKind.Cron => ([], []),
        ScheduleKind.TaskScheduler => ([["schtasks", "/Delete", "/F", "/TN", ScheduledTask.TaskName(name)]], []),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static string ScriptPath(ScheduleKind kind, string name) =>
        kind == ScheduleKind.TaskScheduler ? ScheduledTask.ScriptPath(name) : $"etc/vpsadmin/backup-{name}.ps1";

    /// <summary>None of the formats can carry a line's end inside a value.</summary>
    private static void Check(BackupSchedule schedule)
    {
        if (!ScheduleName.IsValid(schedule.Name))
            throw new ArgumentException($"'{schedule.Name}' is not a name for a schedule: letters, digits, dashes and underscores.", nameof(schedule));
        if (schedule.When.At.Count == 0)
            throw new ArgumentException("A schedule needs a time of day.", nameof(schedule));
        foreach (var text in (string[])[schedule.Filesystem, schedule.TokenFile, schedule.Program, schedule.Manifest])
        {
            if (text.Any(char.IsControl))
                throw new ArgumentException($"'{text}' has control characters in it.", nameof(schedule));
        }
    }
}
