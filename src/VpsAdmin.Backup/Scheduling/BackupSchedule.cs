namespace VpsAdmin.Backup.Scheduling;

/// <summary>Who starts the backups.</summary>
public enum ScheduleKind
{
    Systemd,
    Cron,
    /// <summary>Task Scheduler of Windows.</summary>
    TaskScheduler,
}

/// <summary>Times of day in the machine's time zone, on all or some days of the week.</summary>
/// <param name="At">At least one; whole minutes.</param>
/// <param name="Days">Empty: every day.</param>
public sealed record ScheduleTimes(IReadOnlyList<TimeOnly> At, IReadOnlyList<DayOfWeek> Days)
{
    internal IEnumerable<TimeOnly> OrderedAt => At.Distinct().Order();

    /// <summary>Monday first, as calendars of most schedulers have it.</summary>
    internal IReadOnlyList<DayOfWeek> OrderedDays => [.. Days.Distinct().OrderBy(static d => ((int)d + 6) % 7)];
}

/// <summary>One backup to be made again and again.</summary>
/// <param name="Name">Part of names of files and units; see <see cref="ScheduleName"/>.</param>
/// <param name="DatasetId">Null: what the filesystem remembers.</param>
/// <param name="TokenFile">File that holds the API's token; only its path is written anywhere.</param>
/// <param name="Program">Full path of <c>vpsadmin</c>, or of <c>pwsh</c>.</param>
/// <param name="Module">What <c>pwsh</c> has to import: the path of the manifest, or a name where it is not known.</param>
public sealed record BackupSchedule(
    string Name, string Filesystem, long? DatasetId, Uri Api, string TokenFile, ScheduleTimes When, string Program, string Module)
{
    /// <summary>Whether the program needs to be told of the module.</summary>
    internal bool IsPwsh => Program.Split('/', '\\')[^1] is var name && (name == "pwsh" || name.Equals("pwsh.exe", StringComparison.OrdinalIgnoreCase));
}

/// <summary>A file of a schedule.</summary>
/// <param name="Path">Below the root of the file system, with slashes, without one at the beginning.</param>
public sealed record ScheduleFile(string Path, string Content)
{
    public override string ToString() => "/" + Path;
}

/// <summary>A schedule as it is found on a machine.</summary>
/// <param name="When">In the scheduler's own words; empty when they are not found.</param>
/// <param name="Filesystem">What the script backs up into; null when the script was rewritten beyond recognition or is gone.</param>
/// <param name="Files">Full paths.</param>
public sealed record RegisteredSchedule(string Name, ScheduleKind Kind, string When, string? Filesystem, IReadOnlyList<string> Files)
{
    public IReadOnlyList<string> Files { get; init; } = Files.ToIndexable();

    /// <summary>Root of the file system that it was found in, so that whoever it is handed to looks there too.</summary>
    public string RootPath { get; init; } = "/";
}
