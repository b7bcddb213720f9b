using System.Management.Automation;
using VpsAdmin.Backup.Scheduling;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that deals with schedules of this machine, or of a file system elsewhere.</summary>
public abstract class ScheduleCmdlet : VpsCmdlet
{
    /// <summary>Root of another file system than this machine's; null: this machine.</summary>
    public abstract string? RootPath { get; set; }

    private protected ScheduleStore Store => new(RootPath is null ? ScheduleStore.MachineRoot : FilePath.Literal(this, RootPath));
}
