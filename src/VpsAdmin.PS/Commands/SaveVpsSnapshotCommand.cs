using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Transfers;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Commands;

/// <summary>Saves snapshots as files: an archive of the files, a ZFS stream, or an incremental one. The file appears when it is verified.</summary>
[Cmdlet(VerbsData.Save, "VpsSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = ById)]
[OutputType(typeof(SavedSnapshot))]
public sealed class SaveVpsSnapshotCommand : TransferCmdlet
{
    private const string ById = "Id";
    private const string BySnapshot = "Snapshot";
    private const string ByTransfer = "Transfer";

    private readonly List<SaveJob> _jobs = [];

    // Not an enum field: see ConnectVpsAdminCommand.
    private int _format = (int)ExportFormat.Archive;
    private SaveDestination _destination = null!;

    [Parameter(Position = 0, ParameterSetName = ById, HelpMessage = "Ids of snapshots; without one you are asked.")]
    [ValidateNotNullOrEmpty]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long[]? Id { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = BySnapshot, ValueFromPipeline = true)]
    [ValidateNotNull]
    public Snapshot[] Snapshot { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = ByTransfer, ValueFromPipeline = true, HelpMessage = "Objects of Get-VpsTransfer: each is continued where it is.")]
    [ValidateNotNull]
    public UnfinishedTransfer[] Transfer { get; set; } = null!;

    [Parameter(Position = 1, ParameterSetName = ById, HelpMessage = "File, or folder for a file with the server's name; by default the current folder.")]
    [Parameter(Position = 0, ParameterSetName = BySnapshot, HelpMessage = "File, or folder for a file with the server's name; by default the current folder.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    [Parameter(ParameterSetName = ById, HelpMessage = "As -Path, every character taken as it is.")]
    [Parameter(ParameterSetName = BySnapshot, HelpMessage = "As -Path, every character taken as it is.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    [Parameter(ParameterSetName = ById)]
    [Parameter(ParameterSetName = BySnapshot)]
    public ExportFormat Format
    {
        get => (ExportFormat)_format;
        set => _format = (int)value;
    }

    [Parameter(ParameterSetName = ById, HelpMessage = "Base of an incremental stream: everything after it is saved.")]
    [Parameter(ParameterSetName = BySnapshot, HelpMessage = "Base of an incremental stream: everything after it is saved.")]
    [IdTransformation(typeof(Snapshot))]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long? FromSnapshot { get; set; }

    [Parameter(HelpMessage = "Replace what is in the way: a file, a part, a download of another format on the server.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "Continue an interrupted download.")]
    public SwitchParameter Resume { get; set; }

    [Parameter(ParameterSetName = ById, HelpMessage = "Let the server send a message when the file is ready.")]
    [Parameter(ParameterSetName = BySnapshot, HelpMessage = "Let the server send a message when the file is ready.")]
    public SwitchParameter SendMail { get; set; }

    [Parameter(HelpMessage = "How many are saved at a time.")]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 1;

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _destination = Require(Path ?? LiteralPath, () =>
        {
            Format = FormatChoice.Of(Format, MyInvocation.BoundParameters.ContainsKey(nameof(Format)), FromSnapshot);
            if (Path is not null && LiteralPath is not null)
                throw new VpsAdminException(Errors.InvalidCombination, "-Path and -LiteralPath cannot be used together.", LiteralPath);
            var path = LiteralPath is null ? FilePath.Resolve(this, Path ?? ".") : FilePath.Literal(this, LiteralPath);
            return SaveDestination.At(path, Force, Resume, Id?.Length ?? 1);
        });
    }

    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ByTransfer:
                foreach (var transfer in Transfer)
                    Attempt(transfer, () => Add(transfer.Request, transfer.ToString(), transfer, SaveDestination.At(transfer.Path, Force, resume: true)));
                break;
            case BySnapshot:
                foreach (var snapshot in Snapshot)
                    Attempt(snapshot, () => Add(snapshot));
                break;
            default:
                foreach (var id in Id ?? Choose())
                    Attempt(id, () => Add(new ExportRequest(id, FromSnapshot, Format, SendMail), $"snapshot {id}", id, _destination));
                break;
        }
        // One at a time, each is here before the next is asked for.
        if (ThrottleLimit == 1)
            SaveAll();
    }

    protected override void EndProcessing() => SaveAll();

    private long[] Choose() => Require<long[]>(null, () =>
        new SnapshotChooser(Host.UI).Choose(Await(cancel => Client.GetAllSnapshotsAsync(cancel))) is { } chosen ? [chosen.Id] : []);

    private void Add(Snapshot snapshot)
    {
        if (!snapshot.IsConfirmed)
            throw new VpsAdminException(Errors.SnapshotUnconfirmed, $"Snapshot {snapshot.Id} is not finished on the server.", snapshot);
        var name = $"{snapshot.DatasetName ?? $"dataset {snapshot.DatasetId}"}@{snapshot.Name}";
        Add(new ExportRequest(snapshot.Id, FromSnapshot, Format, SendMail), name, snapshot, _destination);
    }

    private void Add(ExportRequest request, string name, object target, SaveDestination destination)
    {
        FormatChoice.CheckBase(request.SnapshotId, request.FromSnapshotId);
        destination.Claim();
        if (ShouldProcess(name, $"Save as {request.Format} in {destination}"))
            _jobs.Add(new SaveJob(request, name, target, destination));
    }

    private void SaveAll()
    {
        if (_jobs.Count == 0)
            return;
        var manners = new SaveManners(Force, Resume || ParameterSetName == ByTransfer, KeepOnServer, ThrottleLimit);
        SaveJob[] jobs = [.. _jobs];
        _jobs.Clear();
        Await(async (messages, cancel) =>
        {
            await new SaveBatch(Session, Options, manners, Time, StopToken).RunAsync(jobs, messages, cancel).ConfigureAwait(false);
            return true;
        });
    }
}
