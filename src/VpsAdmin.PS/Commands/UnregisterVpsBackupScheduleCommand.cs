using System.Management.Automation;
using VpsAdmin.Backup.Scheduling;

namespace VpsAdmin.PS.Commands;

/// <summary>Ends a schedule and deletes its files. Backups stay.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "VpsBackupSchedule", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
public sealed class UnregisterVpsBackupScheduleCommand : ScheduleCmdlet
{
    private int? _kind;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Name of the schedule.")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = null!;

    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Scheduler; by default every one that has a schedule of this name.")]
    public ScheduleKind? Kind
    {
        get => (ScheduleKind?)_kind;
        set => _kind = (int?)value;
    }

    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Root of another file system, such as an image: files only, no scheduler is told.")]
    [ValidateNotNullOrEmpty]
    public override string? RootPath { get; set; }

    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        var found = Store.List().Where(s => s.Name == Name && (Kind is null || s.Kind == Kind)).ToList();
        if (found.Count == 0)
            throw new VpsAdminException(Errors.ScheduleNotFound, $"There is no schedule named '{Name}'.", Name);
        foreach (var schedule in found)
        {
            if (ShouldProcess($"{schedule.Kind}: {string.Join(", ", schedule.Files)}", $"Delete the schedule '{Name}'"))
                Await(cancel => Store.UnregisterAsync(schedule.Kind, Name, cancel));
        }
    });
}
