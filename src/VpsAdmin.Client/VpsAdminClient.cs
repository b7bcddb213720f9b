using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Client;

/// <summary>
/// vpsAdmin's resources as typed records, on any server generation. Every value from the server is checked here: types, ranges, lengths;
/// a reply that fails is a <see cref="ProtocolException"/>. All methods throw <see cref="HaveApiException"/>s. Safe for concurrent calls.
/// </summary>
/// <remarks>Lists are asked for without a limit: servers apply none, and their two kinds of paging cannot be told from being ignored.</remarks>
public sealed partial class VpsAdminClient(HaveApiClient api) : IDisposable
{
    public HaveApiClient Api { get; } = api;

    public Task<User> GetCurrentUserAsync(CancellationToken cancel) => OneAsync("user#current", [], null, ResourceReader.User, cancel);

    public Task<IReadOnlyList<Node>> GetNodesAsync(CancellationToken cancel) => ManyAsync("node#index", [], null, ResourceReader.Node, cancel);

    public Task<IReadOnlyList<Pool>> GetPoolsAsync(CancellationToken cancel) => ManyAsync("pool#index", [], null, ResourceReader.Pool, cancel);

    public Task<IReadOnlyList<Vps>> GetVpsesAsync(CancellationToken cancel) => ManyAsync("vps#index", [], null, ResourceReader.Vps, cancel);

    public Task<Vps> GetVpsAsync(long id, CancellationToken cancel) => OneAsync("vps#show", [id], null, ResourceReader.Vps, cancel);

    /// <summary>Our server only: a data record with its root dataset.</summary>
    public Task<Started<Vps>> CreateVpsAsync(string hostname, CancellationToken cancel) =>
        StartAsync("vps#create", [], new JsonObject { ["hostname"] = hostname }, ResourceReader.Vps, cancel);

    /// <param name="vpsId">Only datasets of this VPS's root and below; null: all.</param>
    public async Task<IReadOnlyList<Dataset>> GetDatasetsAsync(long? vpsId, CancellationToken cancel)
    {
        var filter = vpsId is { } id ? await DatasetsOfAsync(id, cancel).ConfigureAwait(false) : null;
        return await ManyAsync("dataset#index", [], filter, ResourceReader.Dataset, cancel).ConfigureAwait(false);
    }

    public Task<Dataset> GetDatasetAsync(long id, CancellationToken cancel) => OneAsync("dataset#show", [id], null, ResourceReader.Dataset, cancel);

    /// <param name="name">One path component below <paramref name="parentId"/>.</param>
    public Task<Started<Dataset>> CreateDatasetAsync(long? parentId, string name, CancellationToken cancel)
    {
        var input = new JsonObject { ["name"] = name };
        if (parentId is { } parent)
            input["dataset"] = parent;
        return StartAsync("dataset#create", [], input, ResourceReader.Dataset, cancel);
    }

    /// <summary>All snapshots of a dataset, oldest first, unconfirmed ones included.</summary>
    public async Task<IReadOnlyList<Snapshot>> GetSnapshotsAsync(long datasetId, CancellationToken cancel)
    {
        var snapshots = await ManyAsync(
            "dataset.snapshot#index", [datasetId], null, json => ResourceReader.Snapshot(json, datasetId), cancel).ConfigureAwait(false);
        return [.. snapshots.OrderBy(s => s.CreatedAt).ThenBy(s => s.Id)];
    }

    public Task<Snapshot> GetSnapshotAsync(long datasetId, long id, CancellationToken cancel) =>
        OneAsync("dataset.snapshot#show", [datasetId, id], null, json => ResourceReader.Snapshot(json, datasetId), cancel);

    /// <summary>Finds a snapshot by its id alone, looking through the user's datasets.</summary>
    /// <returns>Null when no dataset of the user has it.</returns>
    public async Task<Snapshot?> FindSnapshotAsync(long id, CancellationToken cancel)
    {
        foreach (var dataset in await GetDatasetsAsync(null, cancel).ConfigureAwait(false))
        {
            try
            {
                var snapshots = await GetSnapshotsAsync(dataset.Id, cancel).ConfigureAwait(false);
                if (snapshots.FirstOrDefault(s => s.Id == id) is { } found)
                    return found;
            }
            catch (ActionFailedException e) when (e.IsNotFound)
            {
                // Deleted since the list was made.
            }
        }
        return null;
    }

    /// <exception cref="NotDescribedException">A label, on a server that has none (before 2.7).</exception>
    public Task<Started<Snapshot>> CreateSnapshotAsync(long datasetId, string? label, CancellationToken cancel)
    {
        var input = new JsonObject();
        if (label is not null)
            input["label"] = label;
        return StartAsync("dataset.snapshot#create", [datasetId], input, json => ResourceReader.Snapshot(json, datasetId), cancel);
    }

    public Task<Started<bool>> DeleteSnapshotAsync(long datasetId, long id, CancellationToken cancel) =>
        DeleteAsync("dataset.snapshot#delete", [datasetId, id], cancel);

    /// <param name="snapshotId">Only downloads of this snapshot; null: all.</param>
    public Task<IReadOnlyList<SnapshotDownload>> GetDownloadsAsync(long? snapshotId, CancellationToken cancel) =>
        ListDownloadsAsync(new DownloadFilter(SnapshotId: snapshotId), cancel);

    public Task<SnapshotDownload> GetDownloadAsync(long id, CancellationToken cancel) =>
        OneAsync("snapshot_download#show", [id], null, ResourceReader.Download, cancel);

    /// <param name="fromSnapshotId">Base; with <see cref="ExportFormat.IncrementalStream"/> only.</param>
    public Task<Started<SnapshotDownload>> CreateDownloadAsync(
        long snapshotId, long? fromSnapshotId, ExportFormat format, bool sendMail, CancellationToken cancel)
    {
        var input = new JsonObject
        {
            ["snapshot"] = snapshotId,
            ["format"] = ResourceReader.WireName(format),
            // Always said: the server's own choice is to send mail.
            ["send_mail"] = sendMail,
        };
        if (fromSnapshotId is { } from)
            input["from_snapshot"] = from;
        return StartAsync("snapshot_download#create", [], input, ResourceReader.Download, cancel);
    }

    public Task<Started<bool>> DeleteDownloadAsync(long id, CancellationToken cancel) => DeleteAsync("snapshot_download#delete", [id], cancel);

    /// <summary>The newest chains, newest first.</summary>
    public Task<IReadOnlyList<TransactionChain>> GetChainsAsync(int limit, CancellationToken cancel) =>
        ManyAsync("transaction_chain#index", [], new JsonObject { ["limit"] = limit }, ResourceReader.Chain, cancel);

    /// <summary>
    /// Waits for a background action, where the server has them; returns at once where <paramref name="actionStateId"/> is null.
    /// </summary>
    /// <exception cref="ActionAbortedException">It ended without success.</exception>
    public async Task WaitAsync(long? actionStateId, IProgress<ActionState>? progress, CancellationToken cancel)
    {
        if (actionStateId is not { } id)
            return;
        var state = await Api.WaitAsync(id, progress, cancel).ConfigureAwait(false);
        if (!state.Succeeded)
            throw new ActionAbortedException(state, await ReasonAsync(id, cancel).ConfigureAwait(false));
    }

    public void Dispose() => Api.Dispose();

    /// <summary>By VPS on today's servers, by root of a subtree on all others.</summary>
    private async Task<JsonObject> DatasetsOfAsync(long vpsId, CancellationToken cancel)
    {
        if (Takes("dataset#index", "vps"))
            return new JsonObject { ["vps"] = vpsId };
        var vps = await GetVpsAsync(vpsId, cancel).ConfigureAwait(false);
        var root = vps.Dataset ?? throw new ProtocolException($"The server sent VPS {vpsId} without its dataset.");
        return new JsonObject { ["dataset"] = root.Id };
    }

    private bool Takes(string action, string parameter) => Api.FindParameter(action, parameter) is not null;

    private async Task<T> OneAsync<T>(
        string action, IReadOnlyList<long> ids, JsonObject? input, Func<ObjectReader, T> read, CancellationToken cancel) =>
        (await StartAsync(action, ids, input, read, cancel).ConfigureAwait(false)).Value;

    private async Task<IReadOnlyList<T>> ManyAsync<T>(
        string action, IReadOnlyList<long> ids, JsonObject? input, Func<ObjectReader, T> read, CancellationToken cancel)
    {
        var reply = await Api.CallAsync(action, ids, input, null, cancel).ConfigureAwait(false);
        return [.. reply.List.Select(item => read(Reader(action, item)))];
    }

    private async Task<Started<T>> StartAsync<T>(
        string action, IReadOnlyList<long> ids, JsonObject? input, Func<ObjectReader, T> read, CancellationToken cancel)
    {
        var reply = await Api.CallAsync(action, ids, input, null, cancel).ConfigureAwait(false);
        return new Started<T>(read(Reader(action, reply.Object)), reply.ActionStateId);
    }

    private async Task<Started<bool>> DeleteAsync(string action, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var reply = await Api.CallAsync(action, ids, null, null, cancel).ConfigureAwait(false);
        return new Started<bool>(true, reply.ActionStateId);
    }

    /// <summary>Called by the resource alone in errors: <c>dataset.snapshot</c>.</summary>
    private ObjectReader Reader(string action, JsonObject json) =>
        new(action[..action.IndexOf('#', StringComparison.Ordinal)], json, Api.Describe(action).Output);
}
