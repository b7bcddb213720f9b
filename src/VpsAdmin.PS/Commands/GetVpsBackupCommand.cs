using System.Management.Automation;
using VpsAdmin.Backup.Inspection;
using VpsAdmin.PS.Arguments;

namespace VpsAdmin.PS.Commands;

/// <summary>What filesystems of this machine hold as backups: histories, snapshots, sizes, gaps.</summary>
[Cmdlet(VerbsCommon.Get, "VpsBackup")]
[OutputType(typeof(LocalBackup))]
public sealed class GetVpsBackupCommand : LocalBackupCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "ZFS filesystem with a backup.")]
    [ValidateDatasetName]
    public string[] Filesystem { get; set; } = null!;

    [Parameter(HelpMessage = "All backups at and below the filesystem.")]
    public SwitchParameter Recurse { get; set; }

    [Parameter(HelpMessage = "How often there should be a snapshot; a number means days.")]
    [TimeSpanTransformation(TimeUnit.Days)]
    [ValidateTimeSpan("0.00:01:00", "36500.00:00:00")]
    public TimeSpan Rhythm { get; set; } = TimeSpan.FromDays(1);

    protected override void ProcessRecord()
    {
        foreach (var filesystem in Filesystem)
            Attempt(filesystem, () => WriteObject(Await(cancel => FindAsync(filesystem, cancel)), enumerateCollection: true));
    }

    private async Task<IReadOnlyList<LocalBackup>> FindAsync(string filesystem, CancellationToken cancel)
    {
        var inspector = new BackupInspector(Zfs);
        return Recurse
            ? await inspector.FindAsync(filesystem, Rhythm, cancel).ConfigureAwait(false)
            : [await inspector.ReadAsync(filesystem, Rhythm, cancel).ConfigureAwait(false)];
    }
}
