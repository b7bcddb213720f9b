using System.Management.Automation;
using VpsAdmin.Client;
using VpsAdmin.PS.Completion;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that does something to snapshots on the server, one after the other.</summary>
public abstract class SnapshotCmdlet : ConnectedCmdlet
{
    private protected const string ById = "Id";
    private protected const string BySnapshot = "Snapshot";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById, HelpMessage = "Ids of snapshots.")]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    public long[] Id { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = BySnapshot, ValueFromPipeline = true, HelpMessage = "Objects of Get-VpsSnapshot.")]
    [ValidateNotNullOrEmpty]
    public Snapshot[] Snapshot { get; set; } = null!;

    protected override void ProcessRecord()
    {
        foreach (var id in ParameterSetName == ById ? Id : [])
            Attempt(id, () => Process(Await(cancel => FindAsync(id, cancel))));
        foreach (var snapshot in ParameterSetName == BySnapshot ? Snapshot : [])
            Attempt(snapshot, () => Process(snapshot));
    }

    private protected abstract void Process(Snapshot snapshot);

    private protected static string Name(Snapshot snapshot) => $"{snapshot.DatasetName ?? $"dataset {snapshot.DatasetId}"}@{snapshot.Name}";

    private async Task<Snapshot> FindAsync(long id, CancellationToken cancel) =>
        await Client.FindSnapshotAsync(id, cancel).ConfigureAwait(false)
        ?? throw new VpsAdminException(Errors.SnapshotNotFound, $"There is no snapshot {id} in the datasets of this account.", id);
}
