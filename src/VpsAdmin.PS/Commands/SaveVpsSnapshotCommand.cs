using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.PS.Transfers;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.PS.Commands;

/// <summary>Saves snapshots as files: an archive of the files, a ZFS stream, or an incremental one. The file appears when it is verified.</summary>
[Cmdlet(VerbsData.Save, "VpsSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = ById)]
[OutputType(typeof(SavedSnapshot))]
public sealed class SaveVpsSnapshotCommand : TransferCmdlet
{
    private const string ById = "Id";
    private const string BySnapshot = "Snapshot";

    // Not an enum field: see ConnectVpsAdminCommand.
    private int _format = (int)ExportFormat.Archive;

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById)]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long[] Id { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = BySnapshot, ValueFromPipeline = true)]
    [ValidateNotNull]
    public Snapshot[] Snapshot { get; set; } = null!;

    [Parameter(Position = 1, ParameterSetName = ById, HelpMessage = "File, or folder for a file with the server's name; by default the current folder.")]
    [Parameter(Position = 0, ParameterSetName = BySnapshot, HelpMessage = "File, or folder for a file with the server's name; by default the current folder.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    [Parameter(HelpMessage = "As -Path, every character taken as it is.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    [Parameter]
    public ExportFormat Format
    {
        get => (ExportFormat)_format;
        set => _format = (int)value;
    }

    [Parameter(HelpMessage = "Base of an incremental stream: everything after it is saved.")]
    [IdTransformation(typeof(Snapshot))]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long? FromSnapshot { get; set; }

    [Parameter(HelpMessage = "Overwrite what is there.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Continue an interrupted download.")]
    public SwitchParameter Resume { get; set; }

    [Parameter(HelpMessage = "Let the server send a message when the file is ready.")]
    public SwitchParameter SendMail { get; set; }

    private SaveDestination _destination = null!;

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _destination = Require(Path ?? LiteralPath, () =>
        {
            CheckFormat();
            if (Path is not null && LiteralPath is not null)
                throw new VpsAdminException(Errors.InvalidCombination, "-Path and -LiteralPath cannot be used together.", LiteralPath);
            var path = LiteralPath is null ? FilePath.Resolve(this, Path ?? ".") : FilePath.Literal(this, LiteralPath);
            return SaveDestination.At(path, Force, Resume, ParameterSetName == ById ? Id.Length : 1);
        });
    }

    protected override void ProcessRecord()
    {
        foreach (var id in ParameterSetName == ById ? Id : [])
            Attempt(id, () => Save(id, $"snapshot {id}"));
        foreach (var snapshot in ParameterSetName == BySnapshot ? Snapshot : [])
            Attempt(snapshot, () =>
            {
                RequireConfirmed(snapshot);
                Save(snapshot.Id, $"{snapshot.DatasetName ?? $"dataset {snapshot.DatasetId}"}@{snapshot.Name}");
            });
    }

    private void CheckFormat()
    {
        if (FromSnapshot is not null && !MyInvocation.BoundParameters.ContainsKey(nameof(Format)))
            Format = ExportFormat.IncrementalStream;
        if (FromSnapshot is not null != (Format == ExportFormat.IncrementalStream))
            throw new VpsAdminException(Errors.InvalidCombination, "An incremental stream needs -FromSnapshot, and the other formats have none.", Format);
    }

    private static void RequireConfirmed(Snapshot snapshot)
    {
        if (!snapshot.IsConfirmed)
            throw new VpsAdminException(Errors.SnapshotUnconfirmed, $"Snapshot {snapshot.Id} is not finished on the server.", snapshot);
    }

    private void Save(long id, string name)
    {
        _destination.Claim();
        if (ShouldProcess(name, $"Save as {Format} in {_destination}"))
            WriteObject(Await((messages, cancel) => SaveAsync(id, name, messages, cancel)), enumerateCollection: false);
    }

    private async Task<SavedSnapshot> SaveAsync(long id, string name, PipelineMessages messages, CancellationToken cancel)
    {
        var request = new ExportRequest(id, FromSnapshot, Format, SendMail);
        var file = "";
        var fetched = await new SnapshotFetch(Session, request, Options, KeepOnServer, messages, Time, StopToken).RunAsync($"Saving {name}", export =>
        {
            file = _destination.FileFor(export.Download.FileName);
            return new FileSink(file, Force, Resume);
        }, hasPart: () => File.Exists(file + ".part"), cancel).ConfigureAwait(false);
        var result = fetched.Result;
        var rate = (result.Bytes - result.ResumedFrom) / Math.Max(result.Duration.TotalSeconds, 0.001);
        return new SavedSnapshot(
            new FileInfo(file), id, FromSnapshot, Format.ToString(), result.Bytes, result.Sha256, result.Verified, rate, result.ResumedFrom, result.Duration, result.Retries);
    }
}
