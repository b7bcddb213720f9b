using Polly;
using Polly.Retry;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Sending;

/// <summary>A filesystem that snapshots are sent to: what it has of them, and taking them back.</summary>
internal sealed class SendTarget(ZfsHost zfs, string dataset)
{
    public string Dataset => dataset;

    /// <returns>Null: there is no such filesystem.</returns>
    /// <exception cref="TransactionException">It is there and has no snapshot, so nobody can tell whose it is.</exception>
    public async Task<ZfsSnapshot?> NewestAsync(CancellationToken cancel)
    {
        try
        {
            var snapshots = await zfs.ListSnapshotsAsync(dataset, depth: 0, cancel).ConfigureAwait(false);
            return snapshots.Count > 0 ? snapshots[^1] : throw new TransactionException($"{dataset} is there without a snapshot.");
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>The same, and a filesystem without snapshots is given a while to go.</summary>
    /// <remarks>zfs-fuse takes the partial filesystem of a receive that was killed back by itself, a moment after.</remarks>
    public async Task<ZfsSnapshot?> NewestWhenSettledAsync(TimeProvider time, CancellationToken cancel)
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<TransactionException>(),
                MaxRetryAttempts = 8, Delay = TimeSpan.FromMilliseconds(50), BackoffType = DelayBackoffType.Exponential,
            })
            .Build();
        return await pipeline.ExecuteAsync(async token => await NewestAsync(token).ConfigureAwait(false), cancel).ConfigureAwait(false);
    }

    /// <summary>Makes the filesystems above it, down from the pool's, that are missing.</summary>
    public async Task PrepareParentsAsync(string filesystem, CancellationToken cancel)
    {
        for (var end = dataset.IndexOf('/', filesystem.Length + 1); end > 0; end = dataset.IndexOf('/', end + 1))
        {
            try
            {
                if (!await zfs.ExistsAsync(dataset[..end], cancel).ConfigureAwait(false))
                    await zfs.CreateFilesystemAsync(dataset[..end], properties: null, cancel).ConfigureAwait(false);
            }
            catch (ZfsException exception) when (exception.Failure == ZfsFailure.AlreadyExists)
            {
                // A sibling's transfer was faster.
            }
        }
    }

    /// <exception cref="TransactionException">One of them is not there.</exception>
    public async Task RequireAsync(IReadOnlyList<string> snapshots, CancellationToken cancel)
    {
        var arrived = (await zfs.ListSnapshotsAsync(dataset, depth: 0, cancel).ConfigureAwait(false)).Select(static s => s.Name.Name).ToHashSet();
        if (snapshots.FirstOrDefault(name => !arrived.Contains(name)) is { } missing)
            throw new TransactionException($"{dataset} has no snapshot {missing} after the transfer.");
    }

    /// <summary>What is there before a transfer.</summary>
    /// <param name="fromSnapshot">Where the transfer goes on; null: it makes the filesystem.</param>
    /// <exception cref="TransactionException">It is to be made, and is there: somebody may need it. Or the other way round, or it has no snapshot.</exception>
    public async Task<TargetNote> BeforeAsync(string? fromSnapshot, TimeProvider time, CancellationToken cancel) =>
        (await NewestWhenSettledAsync(time, cancel).ConfigureAwait(false), fromSnapshot) switch
        {
            ({ } newest, null) => throw new TransactionException($"{dataset} is there already, up to {newest.Name.Name}, and was not made by this transfer. Rename it, or destroy it if nobody needs it."),
            (null, { } from) => throw new TransactionException($"{dataset} is not there, so it has no snapshot {from} to go on from."),
            (var newest, _) => new TargetNote(newest?.Name.Name),
        };

    /// <summary>Destroys those snapshots, the newest first, and the filesystem, as far as they were not there before. What is gone already is fine.</summary>
    /// <remarks>The base was there before: it stays, whatever happens (vpsAdmin b3e0e8a78).</remarks>
    public async Task TakeBackAsync(IReadOnlyList<string> snapshots, TargetNote before, CancellationToken cancel)
    {
        var arrived = await ArrivedAsync(cancel).ConfigureAwait(false);
        var since = before.Newest is null ? arrived : arrived.SkipWhile(name => name != before.Newest).Skip(1);
        foreach (var snapshot in since.Reverse().Where(snapshots.Contains))
            await DestroyAsync($"{dataset}@{snapshot}", cancel).ConfigureAwait(false);
        if (before.Newest is null)
            await DestroyAsync(dataset, cancel).ConfigureAwait(false);
    }

    /// <summary>Names, oldest first; none when the filesystem is not there.</summary>
    /// <remarks>A partial filesystem may go while it is looked at (zfs-fuse, as above).</remarks>
    private async Task<IEnumerable<string>> ArrivedAsync(CancellationToken cancel)
    {
        try
        {
            return (await zfs.ListSnapshotsAsync(dataset, depth: 0, cancel).ConfigureAwait(false)).Select(static s => s.Name.Name);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            return [];
        }
    }

    private async Task DestroyAsync(string datasetOrSnapshot, CancellationToken cancel)
    {
        try
        {
            await zfs.DestroyAsync(datasetOrSnapshot, cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            // Gone, as it should be.
        }
    }
}
