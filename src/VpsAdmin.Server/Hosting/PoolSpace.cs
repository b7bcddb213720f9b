using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <param name="Used">Bytes.</param>
/// <param name="Available">Bytes.</param>
public sealed record Space(long Used, long Available);

/// <summary>What pools occupy, on all nodes that tell. People look at these numbers, nothing is decided by them.</summary>
/// <param name="others">What is known of nodes of their own, where there are any.</param>
public sealed class PoolSpace(ZfsHost zfs, Installation installation, IEnumerable<INodeUsage> others, ILogger<PoolSpace> log)
{
    /// <param name="patience">How long a pool of this process may take to answer before it is left out.</param>
    /// <returns>By the pool's id; pools of which nothing is known are not in it.</returns>
    public async Task<IReadOnlyDictionary<long, Space>> GetAsync(TimeSpan patience, CancellationToken cancel)
    {
        var found = new Dictionary<long, Space>();
        foreach (var (id, filesystem) in installation.Pools)
        {
            if (await AskAsync(filesystem, patience, cancel).ConfigureAwait(false) is { } space)
                found[id] = space;
        }
        foreach (var other in others)
        {
            foreach (var pool in await other.GetAsync(pools: null, cancel).ConfigureAwait(false))
                found[pool.PoolId] = new(pool.Usage.Used, pool.Usage.Available);
        }
        return found;
    }

    private async Task<Space?> AskAsync(string filesystem, TimeSpan most, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(most);
        try
        {
            var root = (await zfs.ListFilesystemsAsync(filesystem, 0, patience.Token).ConfigureAwait(false)).Single();
            return new(root.Used, root.Available);
        }
        catch (Exception e) when (e is ZfsException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogWarning("What pool {Pool} occupies is not known: {Reason}", filesystem, e.Message);
            return null;
        }
    }
}
