using System.Management.Automation;
using VpsAdmin.Backup.Scheduling;

namespace VpsAdmin.PS.Commands;

/// <summary>Schedules of backups that <c>Register-VpsBackupSchedule</c> made on this machine.</summary>
[Cmdlet(VerbsCommon.Get, "VpsBackupSchedule")]
[OutputType(typeof(RegisteredSchedule))]
public sealed class GetVpsBackupScheduleCommand : ScheduleCmdlet
{
    [Parameter(Position = 0, HelpMessage = "Names; wildcards are understood. By default all.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    [Parameter(HelpMessage = "Root of another file system, such as an image: files only, no scheduler is told.")]
    [ValidateNotNullOrEmpty]
    public override string? RootPath { get; set; }

    protected override void EndProcessing() => Attempt(RootPath, () =>
    {
        var all = Store.List();
        foreach (var name in Name ?? ["*"])
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var matches = all.Where(s => pattern.IsMatch(s.Name)).ToList();
            WriteObject(matches, enumerateCollection: true);
            if (matches.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteError(Errors.Describe(Errors.ScheduleNotFound, $"There is no schedule named '{name}'.", name));
        }
    });
}
