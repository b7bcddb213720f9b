using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.Zfs;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that backs up one dataset at a time into a ZFS filesystem of this machine.</summary>
public abstract class BackupCmdlet : TransferCmdlet
{
    [Parameter(HelpMessage = "Keep at least so many snapshots here.")]
    [ValidateRange(1, int.MaxValue)]
    public int MinSnapshots { get; set; } = 30;

    [Parameter(HelpMessage = "Keep no more than so many here, if they are younger than -MaxAge.")]
    [ValidateRange(1, int.MaxValue)]
    public int MaxSnapshots { get; set; } = 45;

    [Parameter(HelpMessage = "Remove older ones, down to -MinSnapshots; a number means days.")]
    [TimeSpanTransformation(TimeUnit.Days)]
    [ValidateTimeSpan("0.00:00:01", "36500.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    [Parameter(HelpMessage = "The first time, take only so many of the newest snapshots.")]
    [ValidateRange(1, int.MaxValue)]
    public int? InitialSnapshots { get; set; }

    [Parameter(HelpMessage = "Remove nothing.")]
    public SwitchParameter NoRotate { get; set; }

    [Parameter(HelpMessage = "Run zfs with sudo when not root.")]
    public SwitchParameter Sudo { get; set; }

    [Parameter(HelpMessage = "An error when there is nothing new to back up.")]
    public SwitchParameter NoSnapshotsAsError { get; set; }

    [Parameter(HelpMessage = "Give the filesystem to this dataset though it remembers another, and roll back local changes.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Emit what would be done; do nothing.")]
    public SwitchParameter PlanOnly { get; set; }

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        Require(MinSnapshots, () => MinSnapshots <= MaxSnapshots
            ? true
            : throw new VpsAdminException(Errors.InvalidCombination, $"-MinSnapshots {MinSnapshots} is more than -MaxSnapshots {MaxSnapshots}.", MinSnapshots));
    }

    /// <param name="target">What the user named, for errors.</param>
    /// <param name="findDatasetId">Null: the one that the filesystem remembers.</param>
    private protected void BackUp(object target, string filesystem, Func<CancellationToken, Task<long?>> findDatasetId) =>
        Attempt(target, () =>
        {
            var datasetId = Await(findDatasetId);
            var request = new BackupRequest(
                datasetId, filesystem, new BackupPlanOptions(InitialSnapshots), NoRotate ? null : new RotationPolicy(MinSnapshots, MaxSnapshots, MaxAge),
                Options, KeepOnServer, Force);
            var zfs = new ZfsHost(new ZfsHostOptions(Sudo));
            foreach (var fallback in Await(zfs.GetCapabilitiesAsync).Fallbacks)
                WriteVerbose(fallback);
            var runner = new BackupRunner(Client, zfs, Session.Downloads, Time);
            if (PlanOnly)
                WriteObject(Await(cancel => runner.PlanAsync(request, cancel)), enumerateCollection: false);
            else if (ShouldProcess($"Back up {target} into {filesystem}", $"Back up {target} into {filesystem}?", "Backup", out var reason))
                Run(target, runner, request);
            else if (reason == ShouldProcessReason.WhatIf)
                WriteObject(Await(cancel => runner.PlanAsync(request, cancel)), enumerateCollection: false);
        });

    private void Run(object target, BackupRunner runner, BackupRequest request)
    {
        var result = Await((messages, cancel) => RunAsync(target, runner, request, messages, cancel));
        foreach (var warning in result.Warnings)
            WriteWarning(warning);
        if (NoSnapshotsAsError && result.Plan.Outcome is BackupOutcome.NoSnapshots or BackupOutcome.UpToDate)
            throw new VpsAdminException(Errors.NothingToBackUp, result.Plan.Message, target);
        WriteObject(result, enumerateCollection: false);
    }

    private static async Task<BackupResult> RunAsync(
        object target, BackupRunner runner, BackupRequest request, PipelineMessages messages, CancellationToken cancel)
    {
        using var progress = new BackupBars(messages, Time, $"Backing up {target} into {request.Filesystem}");
        return await runner.RunAsync(request, progress, cancel).ConfigureAwait(false);
    }
}
