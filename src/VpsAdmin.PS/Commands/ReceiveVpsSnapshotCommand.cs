using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.PS.Transfers;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;

namespace VpsAdmin.PS.Commands;

/// <summary>
/// Receives a snapshot into a ZFS filesystem of this machine, with a <c>zfs receive</c> of its own: nothing is committed before it is verified,
/// and what fails leaves the filesystem as it was.
/// </summary>
[Cmdlet(VerbsCommunications.Receive, "VpsSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = ById)]
[OutputType(typeof(ReceivedSnapshot))]
public sealed class ReceiveVpsSnapshotCommand : TransferCmdlet
{
    private const string ById = "Id";
    private const string BySnapshot = "Snapshot";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById)]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long Id { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = BySnapshot, ValueFromPipeline = true)]
    [ValidateNotNull]
    public Snapshot Snapshot { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "ZFS filesystem of this machine, such as tank/copy; made by a full stream.")]
    [ValidateDatasetName]
    public string Dataset { get; set; } = null!;

    [Parameter(HelpMessage = "Base of an incremental stream, which the filesystem must have: everything after it is received.")]
    [IdTransformation(typeof(Snapshot))]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long? FromSnapshot { get; set; }

    [Parameter(HelpMessage = "Roll local changes back, or write over a filesystem without snapshots.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Mount what is received.")]
    public SwitchParameter Mount { get; set; }

    [Parameter(HelpMessage = "Run zfs with sudo when not root.")]
    public SwitchParameter Sudo { get; set; }

    private bool _isUsed;

    protected override void ProcessRecord()
    {
        var id = ParameterSetName == ById ? Id : Snapshot.Id;
        Attempt(ParameterSetName == ById ? id : Snapshot, () =>
        {
            if (ParameterSetName == BySnapshot && !Snapshot.IsConfirmed)
                throw new VpsAdminException(Errors.SnapshotUnconfirmed, $"Snapshot {id} is not finished on the server.", Snapshot);
            if (_isUsed)
                throw new VpsAdminException(Errors.InvalidCombination, "One stream at a time: receive a range of snapshots with -FromSnapshot.", Snapshot);
            FormatChoice.CheckBase(id, FromSnapshot);
            _isUsed = true;
            var zfs = new ZfsHost(new ZfsHostOptions(Sudo));
            Await(cancel => CheckAsync(zfs, cancel));
            if (ShouldProcess(Dataset, FromSnapshot is null ? $"Receive snapshot {id}" : $"Receive what follows snapshot {FromSnapshot}, up to {id}"))
                WriteObject(Await((messages, cancel) => ReceiveAsync(zfs, id, messages, cancel)), enumerateCollection: false);
        });
    }

    /// <summary>What zfs receive would refuse after the server has made the file.</summary>
    private async Task CheckAsync(ZfsHost zfs, CancellationToken cancel)
    {
        if (await zfs.ExistsAsync(Dataset, cancel).ConfigureAwait(false))
        {
            // A partial receive alone looks like a filesystem without snapshots; the receiver deals with it.
            if (FromSnapshot is not null || await zfs.GetResumeTokenAsync(Dataset, cancel).ConfigureAwait(false) is not null)
                return;
            if ((await zfs.ListSnapshotsAsync(Dataset, 0, cancel).ConfigureAwait(false)).Count > 0)
                throw new VpsAdminException(Errors.ZfsAlreadyExists, $"'{Dataset}' has snapshots, so that it can only take what follows one of them: name it with -FromSnapshot.", Dataset);
            if (!Force)
                throw new VpsAdminException(Errors.ZfsAlreadyExists, $"'{Dataset}' is there; -Force writes over it.", Dataset);
        }
        else if (FromSnapshot is not null)
        {
            throw new VpsAdminException(Errors.ZfsNotFound, $"There is no '{Dataset}', and an incremental stream adds to one.", Dataset);
        }
        else if (Dataset.LastIndexOf('/') is var slash && (slash < 0 || !await zfs.ExistsAsync(Dataset[..slash], cancel).ConfigureAwait(false)))
        {
            throw new VpsAdminException(Errors.ZfsNotFound, slash < 0 ? $"There is no pool '{Dataset}'." : $"There is no '{Dataset[..slash]}' to receive into.", Dataset);
        }
    }

    private async Task<ReceivedSnapshot> ReceiveAsync(ZfsHost zfs, long id, PipelineMessages messages, CancellationToken cancel)
    {
        var request = new ExportRequest(id, FromSnapshot, FromSnapshot is null ? ExportFormat.Stream : ExportFormat.IncrementalStream);
        DecodedSink? sink = null;
        var fetched = await new SnapshotFetch(Session, request, Options, KeepOnServer, messages, Time, StopToken).RunAsync(
            $"Receiving snapshot {id} into {Dataset}",
            _ => sink = new DecodedSink(new ReceiveTarget(zfs, Dataset, new ReceiveOptions(Unmounted: !Mount, Force: Force))),
            hasPart: null, cancel).ConfigureAwait(false);
        var result = fetched.Result;
        var names = sink!.Substreams.Select(static s => s.ToName[(s.ToName.IndexOf('@', StringComparison.Ordinal) + 1)..]).ToList();
        var rate = result.Bytes / Math.Max(result.Duration.TotalSeconds, 0.001);
        return new ReceivedSnapshot(Dataset, id, FromSnapshot, names, result.Bytes, result.Sha256, result.Verified, rate, result.Duration, result.Retries);
    }
}
