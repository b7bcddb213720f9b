using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.PS.Transfers;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.PS.Commands;

/// <summary>
/// Sends a snapshot as a ZFS stream into a native command such as <c>zfs receive</c>, behind it in the pipe or started by it, into a file, or to standard output. The end of the stream,
/// without which no receiver finishes, is sent when the whole is verified.
/// </summary>
[Cmdlet(VerbsCommunications.Send, "VpsSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = ById)]
[OutputType(typeof(byte[]), typeof(FileInfo), typeof(string))]
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

    [Parameter(HelpMessage = "Start this program and write the stream to its standard input instead.")]
    [ValidateNotNullOrEmpty]
    public string? Command { get; set; }

    [Parameter(HelpMessage = "Arguments of -Command, each as it is.")]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[]? ArgumentList { get; set; }

    [Parameter(HelpMessage = "Overwrite -OutFile.")]
    public SwitchParameter Force { get; set; }

    private string? _file;
    private ProcessSpec? _program;
    private bool _isUsed;

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _file = Require(OutFile, CheckTarget);
        _program = Require(Command, FindProgram);
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
            FormatChoice.CheckBase(id, FromSnapshot);
            _isUsed = true;
            if (ShouldProcess($"snapshot {id}", FromSnapshot is null ? "Send a full stream" : $"Send a stream of what follows snapshot {FromSnapshot}"))
                Send(id);
            return null;
        });
    }

    private string? CheckTarget()
    {
        if ((OutFile is not null ? 1 : 0) + (ToStdout ? 1 : 0) + (Command is not null ? 1 : 0) > 1)
            throw new VpsAdminException(Errors.InvalidCombination, "-OutFile, -ToStdout and -Command cannot be used together.", OutFile ?? Command);
        if (Command is null && ArgumentList is not null)
            throw new VpsAdminException(Errors.InvalidCombination, "-ArgumentList is for the program of -Command.", ArgumentList);
        if (OutFile is not null)
        {
            var path = FilePath.Literal(this, OutFile);
            if (Directory.Exists(path))
                throw new VpsAdminException(Errors.NotAFile, $"'{path}' is a folder.", path);
            SaveDestination.At(path, Force, resume: false);
            return path;
        }

        // The engine would show, or redirect, every byte as a number on a line of its own.
        if (!ToStdout && Command is null && MyInvocation.PipelinePosition == MyInvocation.PipelineLength)
            throw new VpsAdminException(Errors.BytesToTerminal,
                "A ZFS stream is not for a terminal, and '>' would make text of it.", null);
        return null;
    }

    /// <summary>As the engine finds programs; in folders such as /usr/sbin also where PATH lacks them.</summary>
    private ProcessSpec? FindProgram()
    {
        if (Command is null)
            return null;
        var path = InvokeCommand.GetCommand(Command, CommandTypes.Application) is ApplicationInfo found ? found.Path : OwnedProcess.Locate(Command);
        if (path is null || !File.Exists(path))
            throw new VpsAdminException(Errors.CommandNotFound, $"There is no program '{Command}'.", Command);
        return new ProcessSpec(path, ArgumentList ?? [], Folder: SessionState.Path.CurrentFileSystemLocation.ProviderPath);
    }

    private void Send(long id)
    {
        if (_file is not null)
        {
            Fetch(id, _ => new DecodedFileTarget(_file, Force), null);
            WriteObject(new FileInfo(_file), enumerateCollection: false);
        }
        else if (ToStdout)
        {
            Fetch(id, static _ => new StandardOutputTarget(), null);
        }
        else if (_program is not null)
        {
            SendInto(_program, id);
        }
        else
        {
            var target = new ChunkTarget();
            Fetch(id, _ => target, new ByteSource(target.Chunks, Emit));
        }
    }

    private void SendInto(ProcessSpec program, long id)
    {
        CommandTarget? target = null;
        try
        {
            Fetch(id, messages => target = new CommandTarget(program, messages.Output), null);
        }
        catch (TransferException e) when (e.Failure == TransferFailure.SinkFailed && target?.ExitCode is not null)
        {
            throw new VpsAdminException(Errors.ConsumerFailed, e.Message, Command, e);
        }
        finally
        {
            if (target?.ExitCode is { } code)
                SessionState.PSVariable.Set("global:LASTEXITCODE", code);
        }
    }

    private void Fetch(long id, Func<PipelineMessages, IDecodedTarget> target, ByteSource? bytes)
    {
        var request = new ExportRequest(id, FromSnapshot, FromSnapshot is null ? ExportFormat.Stream : ExportFormat.IncrementalStream);
        Await((messages, cancel) => new SnapshotFetch(Session, request, Options, KeepOnServer, messages, Time, StopToken)
            .RunAsync($"Sending snapshot {id}", _ => new DecodedSink(target(messages)), hasPart: null, cancel), bytes);
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
