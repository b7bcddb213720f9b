using System.Management.Automation;
using VpsAdmin.Backup.Scheduling;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that deals with schedules of this machine, or of a file system elsewhere.</summary>
public abstract class ScheduleCmdlet : VpsCmdlet
{
    [Parameter(HelpMessage = "Root of another file system, such as an image: files only, no scheduler is told.")]
    [ValidateNotNullOrEmpty]
    public string? RootPath { get; set; }

    private protected ScheduleStore Store => new(RootPath is null ? ScheduleStore.MachineRoot : FilePath.Literal(this, RootPath));
}
