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
    private readonly NatsLink _link;

    private NodePresence(INatsKVStore store, NatsLink link) => (_store, _link) = (store, link);

    /// <exception cref="NatsException">The server has never been connected to this broker, or the broker is away.</exception>
    public static async Task<NodePresence> OpenAsync(NatsLink link, CancellationToken cancel) =>
        new(await new NatsKVContext(link.JetStream).GetStoreAsync(Subjects.PresenceBucket, cancel).ConfigureAwait(false), link);

    /// <exception cref="NatsException">The broker is away.</exception>
    public async Task TellAsync(long nodeId, NodeStatus status, CancellationToken cancel) =>
        await _store.PutAsync(Key(nodeId), JsonSerializer.SerializeToUtf8Bytes(status, NatsJson.Default.NodeStatus), cancellationToken: cancel).ConfigureAwait(false);

    /// <summary>What the node told last; null: it is not there.</summary>
    /// <exception cref="NatsException">The broker is away.</exception>
    public async Task<NodeStatus?> FindAsync(long nodeId, CancellationToken cancel)
    {
        var entry = await _link.AskAsync(token => _store.TryGetEntryAsync<byte[]>(Key(nodeId), cancellationToken: token), Patience, cancel).ConfigureAwait(false);
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

    private static string Key(long nodeId) => nodeId.ToString(CultureInfo.InvariantCulture);
}
