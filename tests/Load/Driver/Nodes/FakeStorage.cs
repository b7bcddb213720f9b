using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Node;
using VpsAdmin.Node.Handlers;

namespace VpsAdmin.Load.Nodes;

/// <summary>Work that takes its time and is nowhere: no pool is behind it, and no <c>zfs</c> is started.</summary>
/// <param name="duration">What <c>zfs</c> would take.</param>
/// <param name="output">What the node says then.</param>
internal sealed class FakeStorage(TransactionType type, TimeSpan duration, Func<TransactionMessage, DateTimeOffset, JsonNode?> output, NodeCounts counts, TimeProvider time) : ITransactionHandler
{
    public TransactionType Type => type;

    /// <summary>For snapshots of one dataset and of many, for backups on another node, and for what has had its time.</summary>
    public static IReadOnlyList<ITransactionHandler> All(TimeSpan duration, NodeCounts counts, TimeProvider time)
    {
        return
        [
            Of(TransactionType.CreateSnapshot, static (message, now) => JsonSerializer.SerializeToNode(new CreateSnapshotOutput(Name(now), now, (ulong)message.Id), NodeJson.Default.CreateSnapshotOutput)),
            Of(TransactionType.CreateSnapshots, Group),
            Of(TransactionType.DestroySnapshot, static (_, _) => null),
            Of(TransactionType.ReceiveSnapshots, static (_, _) => null),
            Of(TransactionType.SendSnapshots, static (_, _) => JsonSerializer.SerializeToNode(new SendSnapshotsOutput(1 << 20), NodeJson.Default.SendSnapshotsOutput)),
            Of(TransactionType.CheckReceived, static (_, _) => null),
        ];

        FakeStorage Of(TransactionType type, Func<TransactionMessage, DateTimeOffset, JsonNode?> output) => new(type, duration, output, counts, time);
    }

    public async Task<JsonNode?> ExecuteAsync(TransactionMessage message, CancellationToken cancel)
    {
        await Task.Delay(duration, time, cancel);
        counts.Worked();
        return output(message, time.GetUtcNow());
    }

    public Task RollbackAsync(TransactionMessage message, CancellationToken cancel) => Task.CompletedTask;

    private static JsonNode? Group(TransactionMessage message, DateTimeOffset now)
    {
        var input = message.Input.Deserialize(NodeJson.Default.CreateSnapshotsInput)!;
        var group = new CreateSnapshotsOutput(Name(now), [.. input.Datasets.Select(dataset => new TakenSnapshot(dataset, now, (ulong)message.Id))]);
        return JsonSerializer.SerializeToNode(group, NodeJson.Default.CreateSnapshotsOutput);
    }

    private static string Name(DateTimeOffset now) => now.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
}
