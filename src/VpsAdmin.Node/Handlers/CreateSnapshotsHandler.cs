using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5215: takes snapshots of several datasets of a pool, of one name. They are of one moment where the host's zfs can do that; a host that
/// cannot takes them one after another, and a node that died in between goes on under the name that it began with. All names go to one
/// <c>zfs snapshot</c>, however many they are: in batches they would be of several moments.
/// </summary>
internal sealed class CreateSnapshotsHandler(ZfsHost zfs, TimeProvider time)
    : TransactionHandler<CreateSnapshotsInput>(TransactionType.CreateSnapshots, NodeJson.Default.CreateSnapshotsInput)
{
    private const int MaxAttempts = 60;

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, CreateSnapshotsInput input, CancellationToken cancel)
    {
        var names = Names(input);
        var mark = TransactionMark.Of(message);
        var there = await ThereAsync(input, names, cancel).ConfigureAwait(false);
        var taken = await FindAsync(input, names, mark, cancel).ConfigureAwait(false);
        if (taken.Count == 0)
            taken = await TakeAsync(input, names, there, mark, cancel).ConfigureAwait(false);
        else
            taken.AddRange(await TakeOthersAsync(there, taken, mark, cancel).ConfigureAwait(false));

        var found = (await zfs.GetSnapshotsAsync(taken, cancel).ConfigureAwait(false)).ToDictionary(static s => s.Name.Dataset);
        var datasets = input.Datasets.Zip(names).ToLookup(d => found.ContainsKey(d.Second));
        return JsonSerializer.SerializeToNode(
            new CreateSnapshotsOutput(
                taken[0].Name,
                [.. datasets[true].Select(d => new TakenSnapshot(d.First, found[d.Second].Creation, found[d.Second].Guid))],
                datasets[false].Any() ? [.. datasets[false].Select(static d => d.First)] : null),
            NodeJson.Default.CreateSnapshotsOutput);
    }

    protected override Task RollbackAsync(TransactionMessage message, CreateSnapshotsInput input, CancellationToken cancel) =>
        DestroyAsync(input, Names(input), TransactionMark.Of(message), cancel);

    private async Task<List<SnapshotName>> TakeAsync(CreateSnapshotsInput input, List<string> names, IReadOnlyList<string> there, string mark, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var now = time.GetUtcNow();
            var name = now.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
            List<SnapshotName> group = [.. there.Select(dataset => new SnapshotName(dataset, name))];
            try
            {
                await zfs.SnapshotAllAsync(group, Marked(mark), cancel).ConfigureAwait(false);
                return group;
            }
            catch (ZfsException exception) when (exception.Failure == ZfsFailure.AlreadyExists && attempt < MaxAttempts)
            {
                // One of them has a snapshot of this second: all wait for the next one.
                await DestroyAsync(input, names, mark, cancel).ConfigureAwait(false);
                var nextSecond = TimeSpan.FromTicks(TimeSpan.TicksPerSecond - (now.Ticks % TimeSpan.TicksPerSecond));
                await Task.Delay(nextSecond, time, cancel).ConfigureAwait(false);
            }
            catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound && input.LeaveOutMissing && attempt < MaxAttempts)
            {
                // One of them has gone since they were looked for. What was taken beside it, where the host's zfs cannot take all or none, is not of the moment of the others.
                await DestroyAsync(input, names, mark, cancel).ConfigureAwait(false);
                there = await ThereAsync(input, names, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What a node that died has not come to.</summary>
    private async Task<List<SnapshotName>> TakeOthersAsync(IReadOnlyList<string> there, List<SnapshotName> taken, string mark, CancellationToken cancel)
    {
        var others = there.Except(taken.Select(static s => s.Dataset)).Select(dataset => new SnapshotName(dataset, taken[0].Name)).ToList();
        if (others.Count > 0)
            await zfs.SnapshotAllAsync(others, Marked(mark), cancel).ConfigureAwait(false);
        return others;
    }

    /// <summary>Datasets to be taken, in one look at the pool.</summary>
    /// <exception cref="TransactionException">None is there.</exception>
    private async Task<IReadOnlyList<string>> ThereAsync(CreateSnapshotsInput input, List<string> names, CancellationToken cancel)
    {
        // zfs says which one it is.
        if (!input.LeaveOutMissing)
            return names;
        var listed = (await zfs.ListFilesystemNamesAsync(input.Filesystem, depth: null, cancel).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        var there = names.FindAll(listed.Contains);
        return there.Count > 0 ? there : throw new TransactionException($"None of the {names.Count} datasets is on '{input.Filesystem}'.");
    }

    private async Task DestroyAsync(CreateSnapshotsInput input, List<string> names, string mark, CancellationToken cancel)
    {
        foreach (var mine in await FindAsync(input, names, mark, cancel).ConfigureAwait(false))
            await zfs.DestroyAsync(mine.ToString(), cancel).ConfigureAwait(false);
    }

    /// <summary>What was taken of them for this transaction, in their order.</summary>
    private async Task<List<SnapshotName>> FindAsync(CreateSnapshotsInput input, List<string> names, string mark, CancellationToken cancel)
    {
        try
        {
            var found = (await zfs.FindSnapshotsAsync(input.Filesystem, TransactionMark.Property, mark, cancel).ConfigureAwait(false)).ToLookup(static s => s.Dataset);
            return [.. names.SelectMany(name => found[name])];
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            // No pool, no snapshot.
            return [];
        }
    }

    private static List<string> Names(CreateSnapshotsInput input) =>
        input.Datasets.Count == 0 || input.Datasets.Distinct(StringComparer.Ordinal).Count() != input.Datasets.Count
            ? throw new TransactionException("A group of snapshots is of datasets that are named once each.")
            : [.. input.Datasets.Select(dataset => PoolDataset.Name(input.Filesystem, dataset))];

    private static Dictionary<string, string> Marked(string mark) => new() { [TransactionMark.Property] = mark };
}
