using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.PS.Transfers;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.PS.Commands;

/// <summary>
/// Sends a snapshot as a ZFS stream into a native command such as <c>zfs receive</c>, into a file, or to standard output. The end of the stream,
/// without which no receiver finishes, is sent when the whole is verified.
/// </summary>
[Cmdlet(VerbsCommunications.Send, "VpsSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = ById)]
[OutputType(typeof(byte[]), typeof(FileInfo))]
public sealed class SendVpsSnapshotCommand : TransferCmdlet
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

    [Parameter(HelpMessage = "Base of an incremental stream: everything after it is sent.")]
    [IdTransformation(typeof(Snapshot))]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long? FromSnapshot { get; set; }

    [Parameter(HelpMessage = "Write the stream to this file instead.")]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    [Parameter(HelpMessage = "Write the stream to PowerShell's own standard output instead, for a process that reads from PowerShell.")]
    public SwitchParameter ToStdout { get; set; }

    [Parameter(HelpMessage = "Overwrite -OutFile.")]
    public SwitchParameter Force { get; set; }

    private string? _file;
    private bool _isUsed;

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _file = Require(OutFile, CheckTarget);
    }

    protected override void ProcessRecord()
    {
        var id = ParameterSetName == ById ? Id : Snapshot.Id;
        // Terminating: the reader must not take what it has for a whole, nor the engine go on with a reader that is gone.
        Require<object?>(ParameterSetName == ById ? id : Snapshot, () =>
        {
            if (ParameterSetName == BySnapshot && !Snapshot.IsConfirmed)
                throw new VpsAdminException(Errors.SnapshotUnconfirmed, $"Snapshot {id} is not finished on the server.", Snapshot);
            if (_isUsed)
                throw new VpsAdminException(Errors.InvalidCombination, "One stream at a time: send a range of snapshots with -FromSnapshot.", Snapshot);
            _isUsed = true;
            if (ShouldProcess($"snapshot {id}", FromSnapshot is null ? "Send a full stream" : $"Send a stream of what follows snapshot {FromSnapshot}"))
                Send(id);
            return null;
        });
    }

    private string? CheckTarget()
    {
        if (OutFile is not null && ToStdout)
            throw new VpsAdminException(Errors.InvalidCombination, "-OutFile and -ToStdout cannot be used together.", OutFile);
        if (OutFile is not null)
        {
            var path = FilePath.Literal(this, OutFile);
            if (Directory.Exists(path))
                throw new VpsAdminException(Errors.TargetExists, $"'{path}' is a folder.", path);
            SaveDestination.At(path, Force, resume: false);
            return path;
        }

        // The engine would show, or redirect, every byte as a number on a line of its own.
        if (!ToStdout && MyInvocation.PipelinePosition == MyInvocation.PipelineLength)
            throw new VpsAdminException(Errors.BytesToTerminal,
                "A ZFS stream is not for a terminal, and '>' would make text of it. Pipe it into a native command, or use -OutFile, -ToStdout, or Save-VpsSnapshot.", null);
        return null;
    }

    private void Send(long id)
    {
        if (_file is not null)
        {
            Fetch(id, new DecodedFileTarget(_file, Force), null);
            WriteObject(new FileInfo(_file), enumerateCollection: false);
        }
        else if (ToStdout)
        {
            Fetch(id, new StandardOutputTarget(), null);
        }
        else
        {
            var target = new ChunkTarget();
            Fetch(id, target, new ByteSource(target.Chunks, Emit));
        }
    }

    private void Fetch(long id, IDecodedTarget target, ByteSource? bytes)
    {
        var request = new ExportRequest(id, FromSnapshot, FromSnapshot is null ? ExportFormat.Stream : ExportFormat.IncrementalStream);
        Await((messages, cancel) => new SnapshotFetch(Session, request, Options, KeepOnServer, messages, Time, StopToken)
            .RunAsync($"Sending snapshot {id}", _ => new DecodedSink(target), hasPart: null, cancel), bytes);
    }

    // An array goes raw into the standard input of a native command. The engine lets the error of a closed pipe out here; its text
    // varies ("Broken pipe", "Connection timed out"), its type does not.
    private void Emit(byte[] chunk)
    {
        try
        {
            WriteObject(chunk, enumerateCollection: false);
        }
        catch (IOException e)
        {
            throw new VpsAdminException(Errors.DownstreamClosed, "The command that reads the stream ended before the stream did.", null, e);
        }
    }
}
