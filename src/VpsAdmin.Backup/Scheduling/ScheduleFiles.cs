using System.Text.RegularExpressions;

namespace VpsAdmin.Backup.Scheduling;

/// <summary>What each scheduler wants written, and how it is told; pure.</summary>
public static partial class ScheduleFiles
{
    /// <exception cref="InvalidScheduleException">A value that cannot be written safely, a schedule without times, or paths of another system than the scheduler's.</exception>
    public static IReadOnlyList<ScheduleFile> Of(BackupSchedule schedule, ScheduleKind kind)
    {
        Check(schedule);
        CheckPath(kind, nameof(schedule.Program), schedule.Program, @"C:\Program Files\PowerShell\7\pwsh.exe", "/usr/local/bin/vpsadmin", "schedulers have a PATH of their own");
        CheckPath(kind, nameof(schedule.TokenFile), schedule.TokenFile, @"C:\ProgramData\vpsadmin\token", "/etc/vpsadmin/token", "schedulers start programs in a folder of their own");
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
            throw new InvalidScheduleException(nameof(schedule.Name), $"'{schedule.Name}' is not a name for a schedule: letters, digits, dashes and underscores.");
        if (schedule.When.At.Count == 0)
            throw new InvalidScheduleException(nameof(schedule.When), "A schedule needs a time of day.");
        foreach (var (property, text) in ((string, string)[])[
            (nameof(schedule.Filesystem), schedule.Filesystem), (nameof(schedule.TokenFile), schedule.TokenFile),
            (nameof(schedule.Program), schedule.Program), (nameof(schedule.Module), schedule.Module)])
        {
            if (text.Any(char.IsControl))
                throw new InvalidScheduleException(property, $"'{text}' has control characters in it.");
        }
    }

    /// <summary>Files may be for another machine, so what is a full path is said by the scheduler's system and not by this one.</summary>
    private static void CheckPath(ScheduleKind kind, string property, string path, string onWindows, string elsewhere, string reason)
    {
        var (isFull, example) = kind == ScheduleKind.TaskScheduler ? (WindowsPath().IsMatch(path), onWindows) : (path.StartsWith('/'), elsewhere);
        if (!isFull)
            throw new InvalidScheduleException(property, $"'{path}' is not a full path on a machine with {kind}, such as '{example}', and {reason}.");
    }

    /// <summary>With a drive, or a share of another machine.</summary>
    [GeneratedRegex(@"^([A-Za-z]:[\\/]|\\\\)")]
    private static partial Regex WindowsPath();
}
