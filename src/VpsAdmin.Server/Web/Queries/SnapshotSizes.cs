using VpsAdmin.Server.Hosting;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>How much the snapshots of a dataset refer to, where its pool is in this process. People look at these numbers, nothing is decided by them.</summary>
internal sealed class SnapshotSizes(ZfsHost zfs, Installation installation, ILogger<SnapshotSizes> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <param name="dataset">Full name, below the pool's filesystem.</param>
    /// <returns>Bytes by the snapshot's name; what is not known is not in it.</returns>
    public async Task<IReadOnlyDictionary<string, long>> ReadAsync(string dataset, CancellationToken cancel)
    {
        if (installation.PoolFilesystem is null)
            return new Dictionary<string, long>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var snapshots = await zfs.ListSnapshotsAsync($"{installation.PoolFilesystem}/{dataset}", 0, patience.Token).ConfigureAwait(false);
            return snapshots.ToDictionary(static s => s.Name.Name, static s => s.Referenced);
        }
        catch (Exception e) when (e is ZfsException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogDebug("Sizes of snapshots of {Dataset} are not known: {Reason}", dataset, e.Message);
            return new Dictionary<string, long>();
        }
    }
}
