using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Downloads;

/// <summary>Takes exports away: hidden at once, gone with its link from the snapshot when the node has removed the file.</summary>
public sealed class DownloadRemoval(VpsAdminDb db, ChainStarter chains, TimeProvider time)
{
    /// <summary>
    /// Begins to remove a download. One that is still being made cannot be removed yet: it expires now, and
    /// <see cref="ExpiredDownloads"/> removes it when it is made.
    /// </summary>
    /// <returns>The chain that removes it; null when it has to be made first.</returns>
    /// <exception cref="ActionRefusedException">It is not there, or another chain works on it.</exception>
    public async Task<long?> StartAsync(IQueryable<SnapshotDownload> downloads, long downloadId, long userId, CancellationToken cancel) =>
        await ExpireUnmadeAsync(downloads, downloadId, cancel).ConfigureAwait(false)
            ? null
            : (await RemoveAsync(downloads, downloadId, userId, cancel).ConfigureAwait(false)).ChainId;

    // One statement, so that the end of the export comes before it or after it: before, and the row is not touched here; after, and
    // ExpiredDownloads finds it. A chain that could not be undone never ends; what it keeps is refused as locked.
    private async Task<bool> ExpireUnmadeAsync(IQueryable<SnapshotDownload> downloads, long downloadId, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        return await downloads
            .Where(d => d.Id == downloadId && d.Confirmed == Confirmed.Create && db.ResourceLocks.Any(l =>
                l.Resource == nameof(SnapshotDownload) && l.RowId == d.Id && (l.Chain.State == ChainState.Queued || l.Chain.State == ChainState.Rollbacking)))
            .ExecuteUpdateAsync(set => set.SetProperty(static d => d.ExpirationDate, now), cancel).ConfigureAwait(false) > 0;
    }

    private async Task<StartedChain<long>> RemoveAsync(IQueryable<SnapshotDownload> downloads, long downloadId, long userId, CancellationToken cancel)
    {
        // Null also when the snapshot is gone.
        var datasetId = await downloads.Where(d => d.Id == downloadId).Select(static d => (long?)d.Snapshot!.DatasetId).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        return await chains.StartAsync(new("remove_download", "Remove download"), userId, datasetId, async chain =>
        {
            var download = await downloads.Include(static d => d.Pool).SingleOrDefaultAsync(d => d.Id == downloadId, cancel).ConfigureAwait(false)
                ?? throw ActionRefusedException.NotFound();
            await chain.LockAsync<SnapshotDownload>(download.Id, cancel).ConfigureAwait(false);
            chain.Concern<SnapshotDownload>(download.Id);

            var input = new RemoveDownloadInput(download.Pool.Filesystem, download.SecretKey, download.FileName);
            var removal = chain.Append(download.Pool.NodeId, TransactionType.RemoveDownload, JsonSerializer.SerializeToNode(input, NodeJson.Default.RemoveDownloadInput)!)
                .Destroy(download);
            var linked = await db.Snapshots.Where(s => s.SnapshotDownloadId == download.Id).Select(static s => s.Id).ToListAsync(cancel).ConfigureAwait(false);
            foreach (var snapshotId in linked)
                removal.EditAfter<Snapshot>(snapshotId, (nameof(Snapshot.SnapshotDownloadId), null));
            return download.Id;
        }, cancel).ConfigureAwait(false);
    }
}
