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

    [Parameter(HelpMessage = "Root of another file system, such as an image: files only, no scheduler is told.")]
    [ValidateNotNullOrEmpty]
    public override string? RootPath { get; set; }

    protected override void EndProcessing() => Require<object?>(Filesystem, () =>
    {
        var kind = Kind ?? ScheduleStore.MachineKind;
        var schedule = Describe(kind);
        var files = Files(schedule, kind);
        if (!Force && Store.FindExisting(kind, schedule.Name) is { Count: > 0 } existing)
            throw new VpsAdminException(Errors.ScheduleExists, $"The schedule '{schedule.Name}' is there: {string.Join(", ", existing)}.", schedule.Name);
        CheckToken(schedule.TokenFile);
        if (ShouldProcess($"{kind}: back up into {Filesystem}", $"Register the schedule '{schedule.Name}'?", "Register", out var reason))
        {
            // It would run the same script twice.
            foreach (var other in Store.List().Where(s => s.Name == schedule.Name && s.Kind != kind))
                Await(cancel => Store.UnregisterAsync(other.Kind, other.Name, cancel));
            WriteObject(Await(cancel => Store.RegisterAsync(schedule, kind, cancel)), enumerateCollection: false);
        }
        else if (reason == ShouldProcessReason.WhatIf)
            WriteObject(files, enumerateCollection: true);
        return null;
    });

    private BackupSchedule Describe(ScheduleKind kind)
    {
        ConnectionFactory.Check(Uri);
        if (ConnectionFactory.SendsInTheClear(Uri))
            WriteWarning($"{Uri} is not encrypted: the token and all data can be read on the way. Use https.");
        // On a machine of another system neither the token nor the module is where it is here.
        var (token, module) = ScheduleStore.IsOfThisSystem(kind)
            ? (FilePath.Literal(this, TokenPath), System.IO.Path.Combine(MyInvocation.MyCommand.Module?.ModuleBase ?? ".", "VpsAdmin.psd1"))
            : (TokenPath, "VpsAdmin");
        return new BackupSchedule(Name ?? ScheduleName.For(Filesystem), Filesystem, Dataset, Uri, token, new ScheduleTimes(At, DayOfWeek ?? []), FindProgram(), module);
    }

    /// <summary>A value that the scheduler's file cannot carry, before anything is written.</summary>
    private static IReadOnlyList<ScheduleFile> Files(BackupSchedule schedule, ScheduleKind kind)
    {
        try
        {
            return ScheduleFiles.Of(schedule, kind);
        }
        catch (InvalidScheduleException e)
        {
            throw new VpsAdminException(Errors.InvalidSchedule, ParameterOf(e.Property) is { } parameter ? $"-{parameter}: {e.Message}" : e.Message, schedule, e);
        }
    }

    /// <summary>By which a property of the schedule is said; null: by none.</summary>
    private static string? ParameterOf(string property) => property switch
    {
        nameof(BackupSchedule.Name) => nameof(Name),
        nameof(BackupSchedule.Filesystem) => nameof(Filesystem),
        nameof(BackupSchedule.TokenFile) => nameof(TokenPath),
        nameof(BackupSchedule.Program) => nameof(Program),
        nameof(BackupSchedule.When) => nameof(At),
        _ => null,
    };

    private string FindProgram()
    {
        var program = Program ?? Environment.ProcessPath ?? "";
        if (Program is null && System.IO.Path.GetFileNameWithoutExtension(program) is not ("vpsadmin" or "pwsh"))
            throw new VpsAdminException(Errors.InvalidSchedule, $"The schedule's program is not known: this process is '{program}'. Name vpsadmin or pwsh with -Program.", program);
        return program;
    }

    private void CheckToken(string path)
    {
        if (RootPath is not null)
            return;
        if (!File.Exists(path))
            throw new VpsAdminException(Errors.TokenFileNotFound, $"There is no file '{path}'.", path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            WriteWarning($"Others than its owner may read or write '{path}': chmod 600 it.");
    }
}
