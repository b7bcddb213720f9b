using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Node;
using VpsAdmin.Node.Handlers;

namespace VpsAdmin.Load.Nodes;

/// <summary>Snapshots that take their time and are nowhere: no pool is behind it, and no <c>zfs</c> is started.</summary>
/// <param name="duration">What <c>zfs snapshot</c> would take.</param>
internal sealed class FakeStorage(TimeSpan duration, NodeCounts counts, TimeProvider time)
    : TransactionHandler<CreateSnapshotInput>(TransactionType.CreateSnapshot, NodeJson.Default.CreateSnapshotInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, CreateSnapshotInput input, CancellationToken cancel)
    {
        await Task.Delay(duration, time, cancel);
        var now = time.GetUtcNow();
        counts.Worked();
        var taken = new CreateSnapshotOutput(now.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture), now, (ulong)message.Id);
        return JsonSerializer.SerializeToNode(taken, NodeJson.Default.CreateSnapshotOutput);
    }

    protected override Task RollbackAsync(TransactionMessage message, CreateSnapshotInput input, CancellationToken cancel) => Task.CompletedTask;
}
