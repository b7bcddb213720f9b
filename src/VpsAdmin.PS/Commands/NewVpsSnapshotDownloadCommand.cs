using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.PS.Transfers;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Commands;

/// <summary>Has the server make a file of a snapshot, for a browser or for later, and waits until it is complete.</summary>
[Cmdlet(VerbsCommon.New, "VpsSnapshotDownload", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = ById)]
[OutputType(typeof(SnapshotDownload))]
public sealed class NewVpsSnapshotDownloadCommand : ConnectedCmdlet
{
    private const string ById = "Id";
    private const string BySnapshot = "Snapshot";

    // Not an enum field: see ConnectVpsAdminCommand.
    private int _format = (int)ExportFormat.Archive;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById, HelpMessage = "Ids of snapshots.")]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long[] Id { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = BySnapshot, ValueFromPipeline = true)]
    [ValidateNotNull]
    public Snapshot[] Snapshot { get; set; } = null!;

    [Parameter]
    public ExportFormat Format
    {
        get => (ExportFormat)_format;
        set => _format = (int)value;
    }

    [Parameter(HelpMessage = "Base of an incremental stream: everything after it is in the file.")]
    [IdTransformation(typeof(Snapshot))]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long? FromSnapshot { get; set; }

    [Parameter(HelpMessage = "Let the server send a message when the file is ready.")]
    public SwitchParameter SendMail { get; set; }

    [Parameter(HelpMessage = "Replace a download of another format that is in the way.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Do not wait until the file is complete.")]
    public SwitchParameter NoWait { get; set; }

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        Format = Require(Format, () => FormatChoice.Of(Format, MyInvocation.BoundParameters.ContainsKey(nameof(Format)), FromSnapshot));
    }

    protected override void ProcessRecord()
    {
        foreach (var id in ParameterSetName == ById ? Id : [])
            Attempt(id, () => Make(id));
        foreach (var snapshot in ParameterSetName == BySnapshot ? Snapshot : [])
            Attempt(snapshot, () => Make(snapshot.IsConfirmed
                ? snapshot.Id
                : throw new VpsAdminException(Errors.SnapshotUnconfirmed, $"Snapshot {snapshot.Id} is not finished on the server.", snapshot)));
    }

    private void Make(long id)
    {
        FormatChoice.CheckBase(id, FromSnapshot);
        if (ShouldProcess($"snapshot {id}", $"Make a download as {Format}"))
            WriteObject(Await((messages, cancel) => MakeAsync(id, messages, cancel)), enumerateCollection: false);
    }

    private async Task<SnapshotDownload> MakeAsync(long id, PipelineMessages messages, CancellationToken cancel)
    {
        var options = new TransferOptions();
        using var bar = new TransferBar(messages, Time, $"Making a download of snapshot {id}");
        var request = new ExportRequest(id, FromSnapshot, Format, SendMail, ReplaceOther: Force);
        var export = await SnapshotExport.OpenAsync(Client, request, options, Time, bar, cancel).ConfigureAwait(false);
        if (!export.Created)
            messages.Verbose($"Download {export.Id} is on the server already.");
        return NoWait ? export.Download : await export.WaitUntilReadyAsync(options, Time, bar, cancel).ConfigureAwait(false);
    }
}
