using System.Management.Automation;
using VpsAdmin.Backup;
using VpsAdmin.Backup.Telling;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Backups;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that backs up datasets, each into a ZFS filesystem of its own.</summary>
public abstract class BackupCmdlet : TransferCmdlet
{
    private readonly List<BackupJob> _jobs = [];
    private BackupRunner _runner = null!;
    private RotationPolicy? _rotation;
    private string? _spool;
    private string? _metrics;
    private ErrorRecord? _cannotBegin;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "ZFS filesystem that is there and holds, or shall hold, the backup.")]
    [ValidateDatasetName]
    public string Filesystem { get; set; } = null!;

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

    [Parameter(HelpMessage = "Instead of numbers and age: of how many hours, days and so on to keep a snapshot, such as 'hourly=24,daily=14,weekly=8'.")]
    [ValidateNotNullOrEmpty]
    public string? Keep { get; set; }

    [Parameter(HelpMessage = "The first time, take only so many of the newest snapshots.")]
    [ValidateRange(1, int.MaxValue)]
    public int? InitialSnapshots { get; set; }

    [Parameter(HelpMessage = "Remove nothing.")]
    public SwitchParameter NoRotate { get; set; }

    [Parameter(HelpMessage = "Folder where streams are kept until they are whole, then received.")]
    [ValidateNotNullOrEmpty]
    public string? SafeDownload { get; set; }

    [Parameter(HelpMessage = "Run zfs with sudo when not root.")]
    public SwitchParameter Sudo { get; set; }

    [Parameter(HelpMessage = "The machine that has the filesystem, as ssh knows it: host or user@host.")]
    [ValidateNotNullOrEmpty]
    public string? ZfsHost { get; set; }

    [Parameter(HelpMessage = "Let what is received be mounted.")]
    public SwitchParameter Mount { get; set; }

    [Parameter(HelpMessage = "An error when there is nothing new to back up.")]
    public SwitchParameter NoSnapshotsAsError { get; set; }

    [Parameter(HelpMessage = "Give the filesystem to this dataset though it remembers another, and throw away local changes and snapshots in the way.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "How many backups to make at the same time.")]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 1;

    [Parameter(HelpMessage = "Emit one line of JSON for each backup.")]
    public SwitchParameter AsJson { get; set; }

    [Parameter(HelpMessage = "File to write for the textfile collector of Prometheus.")]
    [ValidateNotNullOrEmpty]
    public string? MetricsPath { get; set; }

    [Parameter(HelpMessage = "Address of a watcher in the manner of healthchecks: told of start, success and failure.")]
    public Uri? PingUri { get; set; }

    [Parameter(HelpMessage = "Emit what would be done; do nothing.")]
    public SwitchParameter PlanOnly { get; set; }

    /// <summary>A server that is not reached is an error of every backup, and metrics and watcher are to hear of it: it is kept until the backups are known.</summary>
    protected override void BeginProcessing()
    {
        var host = Require(null, ReadParameters);
        try
        {
            Connect();
            foreach (var fallback in Await(host.GetCapabilitiesAsync).Fallbacks)
                WriteVerbose(fallback);
            _runner = new BackupRunner(Client, host, new SnapshotTransfer(Session.Downloads, Options, Time), Time);
        }
        catch (Exception e) when (Errors.TryDescribe(e, Connection) is { } error)
        {
            _cannotBegin = error;
        }
    }

    private Zfs.ZfsHost ReadParameters()
    {
        _rotation = Rotation();
        _spool = Folder(SafeDownload);
        _metrics = MetricsPath is null ? null : FilePath.Literal(this, MetricsPath);
        Folder(Path.GetDirectoryName(_metrics));
        if (PingUri is not null && (!PingUri.IsAbsoluteUri || (PingUri.Scheme != Uri.UriSchemeHttp && PingUri.Scheme != Uri.UriSchemeHttps)))
            throw new VpsAdminException(Errors.InvalidPingUri, "-PingUri is not an http or https address.", target: null);
        return new Zfs.ZfsHost(new ZfsHostOptions(Sudo, Remote: Remote()));
    }

    /// <param name="target">What the user named, for errors.</param>
    /// <param name="what">The same in words.</param>
    /// <param name="findDatasetId">Null: the one that the filesystem remembers.</param>
    private protected void BackUp(object target, string what, Func<CancellationToken, Task<long?>> findDatasetId) => Attempt(target, () =>
    {
        var job = new BackupJob(target, Filesystem, findDatasetId);
        if (_jobs.Exists(j => j.Filesystem == job.Filesystem))
            throw new VpsAdminException(Errors.InvalidCombination,
                $"'{job.Filesystem}' holds the backup of {_jobs.Find(j => j.Filesystem == job.Filesystem)!.Target}; every dataset needs a filesystem of its own.", target);
        var reason = ShouldProcessReason.None;
        if (!PlanOnly && ShouldProcess($"Back up {what} into {job.Filesystem}", $"Back up {what} into {job.Filesystem}?", "Backup", out reason))
            _jobs.Add(job);
        else if (_cannotBegin is null && (PlanOnly || reason == ShouldProcessReason.WhatIf))
            WriteObject(Await(cancel => PlanAsync(job, cancel)), enumerateCollection: false);
    });

    protected override void EndProcessing()
    {
        // Not the connection's client: there may be no connection, which is what is to be told.
        using var http = PingUri is null ? null : TransferHttp.CreateClient();
        var telling = new BackupTelling(AsJson, _metrics, http is null ? null : new BackupPing(http, PingUri!), Time);
        if (_jobs.Count > 0)
        {
            Await<object?>(async (messages, cancel) =>
            {
                await (_cannotBegin is null
                    ? new BackupBatch(_runner, Request, telling, ThrottleLimit, NoSnapshotsAsError, Time).RunAsync(_jobs, messages, cancel)
                    : telling.FailAllAsync(_jobs, _cannotBegin, messages, cancel)).ConfigureAwait(false);
                return null;
            });
        }
        if (_cannotBegin is not null)
            ThrowTerminatingError(_cannotBegin);
    }

    private async Task<BackupPlan> PlanAsync(BackupJob job, CancellationToken cancel)
    {
        var datasetId = await job.FindDatasetId(cancel).ConfigureAwait(false);
        return await _runner.PlanAsync(Request(job, datasetId), cancel).ConfigureAwait(false);
    }

    private BackupRequest Request(BackupJob job, long? datasetId) =>
        new(datasetId, job.Filesystem, new BackupPlanOptions(InitialSnapshots), _rotation, Options, KeepOnServer, Force) { SpoolFolder = _spool, Mount = Mount };

    private RotationPolicy? Rotation()
    {
        if (MinSnapshots > MaxSnapshots)
            throw new VpsAdminException(Errors.InvalidCombination, $"-MinSnapshots {MinSnapshots} is more than -MaxSnapshots {MaxSnapshots}.", MinSnapshots);
        var numbers = new[] { nameof(MinSnapshots), nameof(MaxSnapshots), nameof(MaxAge) }.Where(MyInvocation.BoundParameters.ContainsKey).ToList();
        if (Keep is not null && numbers.Count > 0)
            throw new VpsAdminException(Errors.InvalidCombination, $"-Keep and -{numbers[0]} cannot be used together.", Keep);
        if (NoRotate)
            return null;
        try
        {
            return new RotationPolicy(MinSnapshots, MaxSnapshots, MaxAge) { Keep = Keep is null ? null : KeepPolicy.Parse(Keep) };
        }
        catch (FormatException e)
        {
            throw new VpsAdminException(Errors.InvalidKeepPolicy, e.Message, Keep, e);
        }
    }

    private SshTarget? Remote()
    {
        if (ZfsHost is null)
            return null;
        return SshTarget.IsDestination(ZfsHost)
            ? new SshTarget(ZfsHost)
            : throw new VpsAdminException(Errors.InvalidZfsHost, $"-ZfsHost '{ZfsHost}' is not a host or user@host.", ZfsHost);
    }

    private string? Folder(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return null;
        var folder = FilePath.Literal(this, path);
        return Directory.Exists(folder) ? folder : throw new VpsAdminException(Errors.FolderNotFound, $"There is no folder '{folder}'.", folder);
    }
}
