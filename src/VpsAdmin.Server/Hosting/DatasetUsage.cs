using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <param name="Used">Bytes.</param>
/// <param name="Referenced">Bytes.</param>
/// <param name="Available">Bytes.</param>
public sealed record Usage(long Used, long Referenced, long Available);

/// <summary>A dataset as it is on one pool: a copy that was left behind on another has the same name.</summary>
/// <param name="Name">Below the pool's filesystem.</param>
public readonly record struct PlacedDataset(long PoolId, string Name);

/// <summary>
/// What datasets occupy. On the pool of the node in this process one <c>zfs</c> command answers for all, at most once in a while: people
/// look at these numbers, nothing is decided by them.
/// </summary>
/// <param name="others">What is known of nodes of their own, where there are any.</param>
public sealed class DatasetUsage(ZfsHost zfs, Installation installation, IEnumerable<INodeUsage> others, TimeProvider time, ILogger<DatasetUsage> log) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private IReadOnlyDictionary<PlacedDataset, Usage> _own = new Dictionary<PlacedDataset, Usage>();
    private long? _asked;

    /// <summary>On pools where people work; datasets of which nothing is known are not in it.</summary>
    /// <param name="pools">Whose datasets are wanted, so that a page of a list asks its own nodes and not all that there are; null: all.</param>
    public async Task<IReadOnlyDictionary<PlacedDataset, Usage>> GetAsync(IReadOnlySet<long>? pools, CancellationToken cancel)
    {
        var known = new Dictionary<PlacedDataset, Usage>(pools?.Contains(installation.PoolId) is false ? [] : await OwnAsync(cancel).ConfigureAwait(false));
        foreach (var other in others)
        {
            foreach (var pool in (await other.GetAsync(pools, cancel).ConfigureAwait(false)).Where(static p => p.Role is not PoolRole.Backup))
            {
                foreach (var dataset in pool.Usage.Datasets)
                    known[new(pool.PoolId, dataset.Name)] = new(dataset.Used, dataset.Referenced, dataset.Available);
            }
        }
        return known;
    }

    private async Task<IReadOnlyDictionary<PlacedDataset, Usage>> OwnAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_asked is not { } asked || time.GetElapsedTime(asked) >= Fresh)
            {
                _own = await AskAsync(cancel).ConfigureAwait(false);
                _asked = time.GetTimestamp();
            }
            return _own;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Dictionary<PlacedDataset, Usage>> AskAsync(CancellationToken cancel)
    {
        if (installation.PoolFilesystem is null)
            return [];
        // A pool that hangs must not take the list of datasets with it.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var below = installation.PoolFilesystem + "/";
            var filesystems = await zfs.ListFilesystemsAsync(installation.PoolFilesystem, null, patience.Token).ConfigureAwait(false);
            return filesystems.Where(f => f.Name.StartsWith(below, StringComparison.Ordinal))
                .ToDictionary(f => new PlacedDataset(installation.PoolId, f.Name[below.Length..]), static f => new Usage(f.Used, f.Referenced, f.Available));
        }
        catch (Exception e) when (e is ZfsException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogWarning("What datasets occupy is not known: {Reason}", e.Message);
            return new Dictionary<PlacedDataset, Usage>();
        }
    }

    public void Dispose() => _gate.Dispose();
}
