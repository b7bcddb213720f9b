using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Resources;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>How much the snapshots of a dataset refer to, where it is on a pool of this process. People look at these numbers, nothing is decided by them.</summary>
internal sealed class SnapshotSizes(IServiceScopeFactory scopes, ZfsHost zfs, Installation installation, ILogger<SnapshotSizes> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <returns>Bytes by the snapshot's name; what is not known is not in it.</returns>
    public async Task<IReadOnlyDictionary<string, long>> ReadAsync(Caller caller, long datasetId, CancellationToken cancel)
    {
        if (await FilesystemAsync(caller, datasetId, cancel).ConfigureAwait(false) is not { } filesystem)
            return new Dictionary<string, long>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var snapshots = await zfs.ListSnapshotsAsync(filesystem, 0, patience.Token).ConfigureAwait(false);
            return snapshots.ToDictionary(static s => s.Name.Name, static s => s.Referenced);
        }
        catch (Exception e) when (e is ZfsException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogDebug("Sizes of snapshots of {Filesystem} are not known: {Reason}", filesystem, e.Message);
            return new Dictionary<string, long>();
        }
    }

    /// <returns>Null: people work in the dataset elsewhere. A copy that it left here when it moved is none of it.</returns>
    private async Task<string?> FilesystemAsync(Caller caller, long datasetId, CancellationToken cancel)
    {
        if (installation.PoolFilesystem is null)
            return null;
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var dataset = await scope.ServiceProvider.GetRequiredService<VpsAdminDb>().Datasets.VisibleTo(caller).AsNoTracking()
            .Include(static d => d.InPools).ThenInclude(static i => i.Pool).SingleOrDefaultAsync(d => d.Id == datasetId, cancel).ConfigureAwait(false);
        return dataset?.Worked?.PoolId == installation.PoolId ? $"{installation.PoolFilesystem}/{dataset.FullName}" : null;
    }
}
