using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>5204: takes a snapshot, named by the second in UTC.</summary>
internal sealed class CreateSnapshotHandler(ZfsHost zfs, TimeProvider time)
    : TransactionHandler<CreateSnapshotInput>(TransactionType.CreateSnapshot, NodeJson.Default.CreateSnapshotInput)
{
    /// <summary>More seconds in a row with a snapshot than any plan makes: a clock that stands still must not hold the queue.</summary>
    private const int MaxAttempts = 60;

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, CreateSnapshotInput input, CancellationToken cancel)
    {
        var dataset = PoolDataset.Name(input.Filesystem, input.Dataset);
        var mark = TransactionMark.Of(message);
        var name = await zfs.FindSnapshotAsync(dataset, TransactionMark.Property, mark, cancel).ConfigureAwait(false)
            ?? await TakeAsync(dataset, mark, cancel).ConfigureAwait(false);
        var snapshot = await zfs.GetSnapshotAsync(name, cancel).ConfigureAwait(false);
        return JsonSerializer.SerializeToNode(
            new CreateSnapshotOutput(name.Name, snapshot.Creation, snapshot.Guid), NodeJson.Default.CreateSnapshotOutput);
    }

    protected override async Task RollbackAsync(TransactionMessage message, CreateSnapshotInput input, CancellationToken cancel)
    {
        var dataset = PoolDataset.Name(input.Filesystem, input.Dataset);
        try
        {
            if (await zfs.FindSnapshotAsync(dataset, TransactionMark.Property, TransactionMark.Of(message), cancel).ConfigureAwait(false) is { } mine)
                await zfs.DestroyAsync(mine.ToString(), cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            // No dataset, no snapshot: there is nothing to undo.
        }
    }

    private async Task<SnapshotName> TakeAsync(string dataset, string mark, CancellationToken cancel)
    {
        var properties = new Dictionary<string, string> { [TransactionMark.Property] = mark };
        for (var attempt = 1; ; attempt++)
        {
            var now = time.GetUtcNow();
            var name = new SnapshotName(dataset, now.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
            try
            {
                await zfs.SnapshotAsync(name, properties, cancel).ConfigureAwait(false);
                return name;
            }
            catch (ZfsException exception) when (exception.Failure == ZfsFailure.AlreadyExists && attempt < MaxAttempts)
            {
                var nextSecond = TimeSpan.FromTicks(TimeSpan.TicksPerSecond - (now.Ticks % TimeSpan.TicksPerSecond));
                await Task.Delay(nextSecond, time, cancel).ConfigureAwait(false);
            }
        }
    }
}
