using System.Globalization;
using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;

namespace VpsAdmin.Nats;

/// <summary>Which nodes are there. Kept by the broker, which forgets a node that says nothing for 45 seconds.</summary>
public sealed class NodePresence
{
    /// <summary>How often a node should say that it is there.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>How long whoever asks waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly INatsKVStore _store;
    private readonly TimeProvider _time;

    private NodePresence(INatsKVStore store, TimeProvider time) => (_store, _time) = (store, time);

    /// <exception cref="NatsException">The server has never been connected to this broker, or the broker is away.</exception>
    public static async Task<NodePresence> OpenAsync(NatsLink link, CancellationToken cancel) =>
        new(await new NatsKVContext(link.JetStream).GetStoreAsync(Subjects.PresenceBucket, cancel).ConfigureAwait(false), link.Time);

    /// <exception cref="NatsException">The broker is away.</exception>
    public async Task TellAsync(long nodeId, NodeStatus status, CancellationToken cancel) =>
        await _store.PutAsync(Key(nodeId), JsonSerializer.SerializeToUtf8Bytes(status, NatsJson.Default.NodeStatus), cancellationToken: cancel).ConfigureAwait(false);

    /// <summary>What the node told last; null: it is not there.</summary>
    /// <exception cref="NatsException">The broker is away.</exception>
    public async Task<NodeStatus?> FindAsync(long nodeId, CancellationToken cancel)
    {
        var entry = await GetAsync(nodeId, cancel).ConfigureAwait(false);
        if (!entry.Success)
            return entry.Error is NatsKVKeyNotFoundException or NatsKVKeyDeletedException ? null : throw entry.Error;
        try
        {
            return JsonSerializer.Deserialize(entry.Value.Value, NatsJson.Default.NodeStatus);
        }
        catch (JsonException)
        {
            return null; // Of another version: as good as not there.
        }
    }

    private async Task<NatsResult<NatsKVEntry<byte[]>>> GetAsync(long nodeId, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            // While the connection is being made again the library waits for it without an end.
            return await _store.TryGetEntryAsync<byte[]>(Key(nodeId), cancellationToken: either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new NatsException("The broker does not answer.", e);
        }
    }

    private static string Key(long nodeId) => nodeId.ToString(CultureInfo.InvariantCulture);
}
