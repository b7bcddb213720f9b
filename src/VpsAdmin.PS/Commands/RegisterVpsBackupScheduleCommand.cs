using System.Management.Automation;
using VpsAdmin.Backup.Scheduling;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Commands;

/// <summary>Makes the machine's scheduler run a backup at times of day: systemd, cron, or Task Scheduler of Windows.</summary>
[Cmdlet(VerbsLifecycle.Register, "VpsBackupSchedule", SupportsShouldProcess = true)]
[OutputType(typeof(RegisteredSchedule), typeof(ScheduleFile))]
public sealed class RegisterVpsBackupScheduleCommand : ScheduleCmdlet
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    // Not enum fields: the engine loads this type to learn of the module before OnImport can tell where the enum's assembly is.
    private int? _kind;

    [Parameter(Mandatory = true, Position = 0, HelpMessage = "ZFS filesystem that holds, or shall hold, the backup.")]
    [ValidateDatasetName]
    public string Filesystem { get; set; } = null!;

    [Parameter(Mandatory = true, HelpMessage = "Address of the API.")]
    [ValidateNotNull]
    public Uri Uri { get; set; } = null!;

    [Parameter(Mandatory = true, HelpMessage = "File with the API's token; only its path is written.")]
    [ValidateNotNullOrEmpty]
    public string TokenPath { get; set; } = null!;

    [Parameter(Mandatory = true, HelpMessage = "Times of day, such as 02:30, in the machine's time zone.")]
    [TimeOfDayTransformation]
    public TimeOnly[] At { get; set; } = null!;

    [Parameter(HelpMessage = "Only on these days of the week.")]
    [ValidateNotNullOrEmpty]
    public DayOfWeek[]? DayOfWeek { get; set; }

    [Parameter(HelpMessage = "Id of the dataset; by default what the filesystem remembers.")]
    [ValidateRange(1L, long.MaxValue)]
    public long? Dataset { get; set; }

    [Parameter(HelpMessage = "Name of the schedule; by default made of the filesystem's.")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    [Parameter(HelpMessage = "Scheduler; by default the one that this machine runs.")]
    public ScheduleKind? Kind
    {
        get => (ScheduleKind?)_kind;
        set => _kind = (int?)value;
    }

    [Parameter(HelpMessage = "Full path of vpsadmin or pwsh; by default the program that runs this command.")]
    [ValidateNotNullOrEmpty]
    public string? Program { get; set; }

    [Parameter(HelpMessage = "Replace a schedule of this name.")]
    public SwitchParameter Force { get; set; }

    protected override void EndProcessing() => Require<object?>(Filesystem, () =>
    {
        var kind = Kind ?? ScheduleStore.MachineKind;
        var schedule = Describe();
        var files = Checked(() => ScheduleFiles.Of(schedule, kind), schedule);
        if (!Force && Store.FindExisting(kind, schedule.Name) is { Count: > 0 } existing)
            throw new VpsAdminException(Errors.ScheduleExists, $"The schedule '{schedule.Name}' is there: {string.Join(", ", existing)}.", schedule.Name);
        CheckToken();
        if (ShouldProcess($"{kind}: back up into {Filesystem}", $"Register the schedule '{schedule.Name}'?", "Register", out var reason))
            WriteObject(Await(cancel => Store.RegisterAsync(schedule, kind, cancel)), enumerateCollection: false);
        else if (reason == ShouldProcessReason.WhatIf)
            WriteObject(files, enumerateCollection: true);
        return null;
    });

    private BackupSchedule Describe()
    {
        ConnectionFactory.Check(Uri);
        if (ConnectionFactory.SendsInTheClear(Uri))
            WriteWarning($"{Uri} is not encrypted: the token and all data can be read on the way. Use https.");
        return new BackupSchedule(
            Name ?? ScheduleName.For(Filesystem), Filesystem, Dataset, Uri, FilePath.Literal(this, TokenPath),
            new ScheduleTimes(At, DayOfWeek ?? []), FindProgram(), System.IO.Path.Combine(MyInvocation.MyCommand.Module?.ModuleBase ?? ".", "VpsAdmin.psd1"));
    }

    /// <summary>A value that the scheduler's file cannot carry, before anything is written.</summary>
    private static T Checked<T>(Func<T> function, object target)
    {
        try
        {
            return function();
        }
        catch (ArgumentException e)
        {
            throw new VpsAdminException(Errors.InvalidSchedule, e.Message, target, e);
        }
    }

    private string FindProgram()
    {
        var program = Program ?? Environment.ProcessPath;
        if (Program is null && System.IO.Path.GetFileNameWithoutExtension(program) is not ("vpsadmin" or "pwsh"))
            throw new VpsAdminException(Errors.InvalidSchedule, $"The schedule's program is not known: this process is '{program}'. Name vpsadmin or pwsh with -Program.", program);
        return System.IO.Path.IsPathRooted(program)
            ? program
            : throw new VpsAdminException(Errors.InvalidSchedule, $"'{program}' is not a full path, and schedulers have a PATH of their own.", program);
    }

    private void CheckToken()
    {
        var path = FilePath.Literal(this, TokenPath);
        if (RootPath is not null)
            return;
        if (!File.Exists(path))
            throw new VpsAdminException(Errors.TokenFileNotFound, $"There is no file '{path}'.", path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            WriteWarning($"Others than its owner may read or write '{path}': chmod 600 it.");
    }
}
