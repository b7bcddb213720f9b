using VpsAdmin.Client;

namespace VpsAdmin.Backup;

/// <summary>Reads what the server has.</summary>
internal sealed class RemoteInventoryReader(VpsAdminClient client)
{
    /// <exception cref="VpsAdmin.HaveApi.HaveApiException"/>
    public async Task<RemoteInventory> ReadAsync(long datasetId, CancellationToken cancel)
    {
        var dataset = await client.GetDatasetAsync(datasetId, cancel).ConfigureAwait(false);
        var snapshots = await client.GetSnapshotsAsync(datasetId, cancel).ConfigureAwait(false);
        return new RemoteInventory(dataset.Id, dataset.Name, dataset.CurrentHistoryId,
            [.. snapshots.Select(static s => new RemoteSnapshot(s.Id, s.Name, s.CreatedAt, s.HistoryId, s.IsConfirmed))])
        {
            Server = client.Api.BaseUri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/'),
        };
    }
}
