using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <param name="Used">Bytes.</param>
/// <param name="Referenced">Bytes.</param>
/// <param name="Available">Bytes.</param>
public sealed record Usage(long Used, long Referenced, long Available);

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
    private IReadOnlyDictionary<string, Usage> _known = new Dictionary<string, Usage>();
    private long? _asked;

    /// <summary>By full name; datasets of which nothing is known are not in it.</summary>
    public async Task<IReadOnlyDictionary<string, Usage>> GetAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_asked is { } asked && time.GetElapsedTime(asked) < Fresh)
                return _known;
            var known = await AskAsync(cancel).ConfigureAwait(false);
            foreach (var other in others)
            {
                foreach (var dataset in (await other.GetAsync(cancel).ConfigureAwait(false)).Where(static p => p.Role is not PoolRole.Backup).SelectMany(static p => p.Usage.Datasets))
                    known.TryAdd(dataset.Name, new(dataset.Used, dataset.Referenced, dataset.Available));
            }
            _known = known;
            _asked = time.GetTimestamp();
            return _known;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Dictionary<string, Usage>> AskAsync(CancellationToken cancel)
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
                .ToDictionary(f => f.Name[below.Length..], static f => new Usage(f.Used, f.Referenced, f.Available));
        }
        catch (Exception e) when (e is ZfsException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogWarning("What datasets occupy is not known: {Reason}", e.Message);
            return new Dictionary<string, Usage>();
        }
    }

    public void Dispose() => _gate.Dispose();
}
