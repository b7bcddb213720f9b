using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5215: takes snapshots of several datasets of a pool, of one name. They are of one moment where the host's zfs can do that; a host that
/// cannot takes them one after another, and a node that died in between goes on under the name that it began with.
/// </summary>
internal sealed class CreateSnapshotsHandler(ZfsHost zfs, TimeProvider time)
    : TransactionHandler<CreateSnapshotsInput>(TransactionType.CreateSnapshots, NodeJson.Default.CreateSnapshotsInput)
{
    private const int MaxAttempts = 60;

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, CreateSnapshotsInput input, CancellationToken cancel)
    {
        var datasets = Names(input);
        var mark = TransactionMark.Of(message);
        var taken = await FindAsync(datasets, mark, cancel).ConfigureAwait(false);
        var name = taken.Count == 0
            ? await TakeAsync(datasets, mark, cancel).ConfigureAwait(false)
            : taken[0].Name;
        var missing = datasets.Except(taken.Select(static s => s.Dataset)).Select(dataset => new SnapshotName(dataset, name)).ToList();
        if (taken.Count > 0 && missing.Count > 0)
            await zfs.SnapshotAllAsync(missing, Marked(mark), cancel).ConfigureAwait(false);

        var output = new List<TakenSnapshot>();
        foreach (var (dataset, full) in input.Datasets.Zip(datasets))
        {
            var snapshot = await zfs.GetSnapshotAsync(new SnapshotName(full, name), cancel).ConfigureAwait(false);
            output.Add(new TakenSnapshot(dataset, snapshot.Creation, snapshot.Guid));
        }
        return JsonSerializer.SerializeToNode(new CreateSnapshotsOutput(name, output), NodeJson.Default.CreateSnapshotsOutput);
    }

    protected override async Task RollbackAsync(TransactionMessage message, CreateSnapshotsInput input, CancellationToken cancel)
    {
        foreach (var mine in await FindAsync(Names(input), TransactionMark.Of(message), cancel).ConfigureAwait(false))
            await zfs.DestroyAsync(mine.ToString(), cancel).ConfigureAwait(false);
    }

    private async Task<string> TakeAsync(IReadOnlyList<string> datasets, string mark, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var now = time.GetUtcNow();
            var name = now.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
            try
            {
                await zfs.SnapshotAllAsync([.. datasets.Select(dataset => new SnapshotName(dataset, name))], Marked(mark), cancel).ConfigureAwait(false);
                return name;
            }
            catch (ZfsException exception) when (exception.Failure == ZfsFailure.AlreadyExists && attempt < MaxAttempts)
            {
                // One of them has a snapshot of this second: all wait for the next one.
                foreach (var mine in await FindAsync(datasets, mark, cancel).ConfigureAwait(false))
                    await zfs.DestroyAsync(mine.ToString(), cancel).ConfigureAwait(false);
                var nextSecond = TimeSpan.FromTicks(TimeSpan.TicksPerSecond - (now.Ticks % TimeSpan.TicksPerSecond));
                await Task.Delay(nextSecond, time, cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task<List<SnapshotName>> FindAsync(IReadOnlyList<string> datasets, string mark, CancellationToken cancel)
    {
        var found = new List<SnapshotName>();
        foreach (var dataset in datasets)
        {
            try
            {
                if (await zfs.FindSnapshotAsync(dataset, TransactionMark.Property, mark, cancel).ConfigureAwait(false) is { } mine)
                    found.Add(mine);
            }
            catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
            {
                // No dataset, no snapshot.
            }
        }
        return found;
    }

    private static List<string> Names(CreateSnapshotsInput input) =>
        input.Datasets.Count == 0 || input.Datasets.Distinct(StringComparer.Ordinal).Count() != input.Datasets.Count
            ? throw new TransactionException("A group of snapshots is of datasets that are named once each.")
            : [.. input.Datasets.Select(dataset => PoolDataset.Name(input.Filesystem, dataset))];

    private static Dictionary<string, string> Marked(string mark) => new() { [TransactionMark.Property] = mark };
}
