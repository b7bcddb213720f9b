using System.Text.Json.Nodes;

namespace VpsAdmin.Client;

/// <summary>Which downloads; null does not matter.</summary>
public sealed record DownloadFilter(long? DatasetId = null, long? SnapshotId = null);

public sealed partial class VpsAdminClient
{
    /// <summary>Downloads of this user, also those that are being made.</summary>
    /// <remarks>
    /// The filter by snapshot came with 2.3, and servers ignore what they do not know: the answer is looked at as well. A download does not say its
    /// dataset, which only a server that filters by it can tell.
    /// </remarks>
    /// <exception cref="HaveApi.NotDescribedException">A dataset, on a server that cannot filter by it.</exception>
    public async Task<IReadOnlyList<SnapshotDownload>> ListDownloadsAsync(DownloadFilter filter, CancellationToken cancel)
    {
        var input = new JsonObject();
        if (filter.DatasetId is { } dataset)
            input["dataset"] = dataset;
        if (filter.SnapshotId is { } snapshot && Takes("snapshot_download#index", "snapshot"))
            input["snapshot"] = snapshot;
        var downloads = await ManyAsync("snapshot_download#index", [], input.Count == 0 ? null : input, ResourceReader.Download, cancel).ConfigureAwait(false);
        return filter.SnapshotId is null ? downloads : [.. downloads.Where(d => d.Snapshot?.Id == filter.SnapshotId)];
    }
}
