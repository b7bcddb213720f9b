using VpsAdmin.HaveApi;

namespace VpsAdmin.Client;

public sealed partial class VpsAdminClient
{
    /// <summary>Snapshots of all datasets of the account, dataset by dataset, oldest first.</summary>
    public async Task<IReadOnlyList<Snapshot>> GetAllSnapshotsAsync(CancellationToken cancel)
    {
        var all = new List<Snapshot>();
        foreach (var dataset in await GetDatasetsAsync(vpsId: null, cancel).ConfigureAwait(false))
        {
            try
            {
                all.AddRange(await GetSnapshotsAsync(dataset.Id, cancel).ConfigureAwait(false));
            }
            catch (ActionFailedException e) when (e.IsNotFound)
            {
                // Deleted since the list was made.
            }
        }
        return all;
    }
}
