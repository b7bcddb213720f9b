using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;

namespace VpsAdmin.PS.Commands;

/// <summary>Snapshots of datasets, oldest first; without <c>-Dataset</c>, of all datasets of the account.</summary>
[Cmdlet(VerbsCommon.Get, "VpsSnapshot")]
[OutputType(typeof(Snapshot))]
public sealed class GetVpsSnapshotCommand : ConnectedCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, HelpMessage = "Id, full name, or object of Get-VpsDataset or Get-Vps.")]
    [DatasetTransformation]
    [ArgumentCompleter(typeof(DatasetNameCompleter))]
    public DatasetArgument[]? Dataset { get; set; }

    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long[]? Id { get; set; }

    [Parameter(HelpMessage = "Names; wildcards are understood.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    [Parameter(HelpMessage = "Only those taken at this time or later.")]
    public DateTimeOffset? After { get; set; }

    [Parameter(HelpMessage = "Only those taken before this time.")]
    public DateTimeOffset? Before { get; set; }

    protected override void ProcessRecord()
    {
        if (Dataset is not null)
            foreach (var dataset in Dataset)
                Attempt(dataset, () => WriteFrom(dataset));
        else if (Id is null)
            Attempt(Session, WriteAll);
        else
            foreach (var id in Id)
                Attempt(id, () => WriteObject(Await(cancel => FindAsync(id, cancel)), enumerateCollection: false));
    }

    private void WriteAll()
    {
        foreach (var dataset in Await(cancel => Client.GetDatasetsAsync(vpsId: null, cancel)))
            Attempt(dataset, () => WriteObject(Matching(Await(cancel => Client.GetSnapshotsAsync(dataset.Id, cancel))), enumerateCollection: true));
    }

    private void WriteFrom(DatasetArgument dataset)
    {
        var datasetId = Await(cancel => dataset.FindIdAsync(Client, cancel));
        if (Id is null)
            WriteObject(Matching(Await(cancel => AllOfAsync(datasetId, cancel))), enumerateCollection: true);
        foreach (var id in Id ?? [])
            Attempt(id, () => WriteObject(Await(cancel => Client.GetSnapshotAsync(datasetId, id, cancel)), enumerateCollection: false));
    }

    private IEnumerable<Snapshot> Matching(IReadOnlyList<Snapshot> snapshots)
    {
        var patterns = Name?.Select(static n => new WildcardPattern(n, WildcardOptions.IgnoreCase)).ToList();
        return snapshots.Where(s =>
            (patterns is null || patterns.Exists(p => p.IsMatch(s.Name))) && (After is null || s.CreatedAt >= After) && (Before is null || s.CreatedAt < Before));
    }

    /// <summary>A server lists nothing, without an error, for a dataset that is not there or not the account's (spec 1.4).</summary>
    private async Task<IReadOnlyList<Snapshot>> AllOfAsync(long datasetId, CancellationToken cancel)
    {
        var snapshots = await Client.GetSnapshotsAsync(datasetId, cancel).ConfigureAwait(false);
        if (snapshots.Count == 0)
            await Client.GetDatasetAsync(datasetId, cancel).ConfigureAwait(false);
        return snapshots;
    }

    private async Task<Snapshot> FindAsync(long id, CancellationToken cancel) =>
        await Client.FindSnapshotAsync(id, cancel).ConfigureAwait(false)
        ?? throw new VpsAdminException(Errors.SnapshotNotFound, $"There is no snapshot {id} in the datasets of this account.", id);
}
