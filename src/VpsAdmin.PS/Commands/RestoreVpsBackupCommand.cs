using System.Management.Automation;
using VpsAdmin.Backup.Restoring;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>Brings back what a backup on this machine holds: as a filesystem, as a file with a ZFS stream, or as copies of files.</summary>
[Cmdlet(VerbsData.Restore, "VpsBackup", SupportsShouldProcess = true, DefaultParameterSetName = ToFilesystem)]
[OutputType(typeof(RestoreResult), typeof(RestorePlan))]
public sealed class RestoreVpsBackupCommand : LocalBackupCmdlet
{
    private const string ToFilesystem = "Filesystem";
    private const string ToFile = "File";
    private const string AsFiles = "Files";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "ZFS filesystem with a backup.")]
    [ValidateDatasetName]
    public string Filesystem { get; set; } = null!;

    [Parameter(HelpMessage = "Name of the snapshot; by default the newest.")]
    [ValidateNotNullOrEmpty]
    public string? Snapshot { get; set; }

    [Parameter(HelpMessage = "The newest snapshot that is not younger than this time.")]
    public DateTimeOffset? At { get; set; }

    [Parameter(HelpMessage = "Only snapshots of this history.")]
    [ValidateRange(0, int.MaxValue)]
    public int? HistoryId { get; set; }

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ToFilesystem, HelpMessage = "New ZFS filesystem to receive the snapshot into.")]
    [ValidateDatasetName]
    public string TargetFilesystem { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = ToFile, HelpMessage = "File to write the snapshot's full stream to.")]
    [ValidateNotNullOrEmpty]
    public string OutFile { get; set; } = null!;

    [Parameter(ParameterSetName = ToFile, HelpMessage = "Compress the file with gzip.")]
    public SwitchParameter Compress { get; set; }

    [Parameter(ParameterSetName = ToFile, HelpMessage = "Overwrite -OutFile.")]
    public SwitchParameter Force { get; set; }

    [Parameter(ParameterSetName = AsFiles, HelpMessage = "File or folder inside the snapshot, from its top; by default all of it.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "/";

    [Parameter(Mandatory = true, ParameterSetName = AsFiles, HelpMessage = "Folder to copy into.")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = null!;

    private bool _isUsed;

    protected override void ProcessRecord() => Attempt(Filesystem, () =>
    {
        if (_isUsed)
            throw new VpsAdminException(Errors.InvalidCombination, "One backup at a time: every one needs a target of its own.", Filesystem);
        _isUsed = true;
        var target = Target();
        var runner = new RestoreRunner(Zfs, Sudo, Time);
        var plan = Await(cancel => runner.PlanAsync(Filesystem, new RestoreSelection(HistoryId, Snapshot, At), target, cancel));
        if (ShouldProcess(plan.Message, $"Restore {plan.Snapshot} to {target}?", "Restore", out var reason))
            WriteObject(Await((messages, cancel) => RunAsync(runner, plan, messages, cancel)), enumerateCollection: false);
        else if (reason == ShouldProcessReason.WhatIf)
            WriteObject(plan, enumerateCollection: false);
    });

    private RestoreTarget Target() => ParameterSetName switch
    {
        ToFile => new StreamFileTarget(FilePath.Literal(this, OutFile), Compress, Force),
        AsFiles => new FilesTarget(SnapshotPath.Parse(Path), System.IO.Path.TrimEndingDirectorySeparator(FilePath.Literal(this, Destination))),
        _ => new DatasetTarget(TargetFilesystem),
    };

    private static async Task<RestoreResult> RunAsync(RestoreRunner runner, RestorePlan plan, PipelineMessages messages, CancellationToken cancel)
    {
        using var progress = new RestoreBar(messages, Time, $"Restoring {plan.Snapshot}");
        return await runner.RunAsync(plan, progress, cancel).ConfigureAwait(false);
    }
}
