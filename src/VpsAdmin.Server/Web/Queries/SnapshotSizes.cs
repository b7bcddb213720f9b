using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Resources;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>What is known of how much a snapshot refers to.</summary>
/// <param name="Bytes">Null: it is not known.</param>
/// <param name="Reason">Why not, for people; null: nobody can say.</param>
public sealed record SnapshotSize(long? Bytes, string? Reason)
{
    /// <summary>It went from the dataset itself.</summary>
    public const string InBackup = "only in a backup";

    /// <summary>This server asks no other nodes for sizes.</summary>
    public const string Elsewhere = "on another node";
}

/// <summary>How much the snapshots of a dataset refer to, where it is on a pool of this process. People look at these numbers, nothing is decided by them.</summary>
internal sealed class SnapshotSizes(IServiceScopeFactory scopes, ZfsHost zfs, Installation installation, ILogger<SnapshotSizes> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <returns>By id of the snapshot.</returns>
    public async Task<IReadOnlyDictionary<long, SnapshotSize>> ReadAsync(Caller caller, long datasetId, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var dataset = await db.Datasets.VisibleTo(caller).AsNoTracking()
            .Include(static d => d.InPools).ThenInclude(static i => i.Pool).SingleOrDefaultAsync(d => d.Id == datasetId, cancel).ConfigureAwait(false);
        // People work in it on one pool. A copy that it left here when it moved is none of it.
        if (dataset?.Worked is not { } worked)
            return new Dictionary<long, SnapshotSize>();
        var snapshots = await db.Snapshots.Where(s => s.DatasetId == datasetId)
            .Select(s => new { s.Id, s.Name, IsThere = s.InPools.Any(c => c.DatasetInPoolId == worked.Id && c.Confirmed != Confirmed.Destroy) }).ToListAsync(cancel).ConfigureAwait(false);
        var isHere = installation.PoolFilesystem is not null && worked.PoolId == installation.PoolId;
        var bytes = isHere ? await BytesAsync($"{installation.PoolFilesystem}/{dataset.FullName}", cancel).ConfigureAwait(false) : [];
        return snapshots.ToDictionary(static s => s.Id, s => bytes.TryGetValue(s.Name, out var known)
            ? new SnapshotSize(known, null) : new SnapshotSize(null, !s.IsThere ? SnapshotSize.InBackup : isHere ? null : SnapshotSize.Elsewhere));
    }

    /// <returns>By the snapshot's name.</returns>
    private async Task<Dictionary<string, long>> BytesAsync(string filesystem, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            return (await zfs.ListSnapshotsAsync(filesystem, 0, patience.Token).ConfigureAwait(false)).ToDictionary(static s => s.Name.Name, static s => s.Referenced);
        }
        catch (Exception e) when (e is ZfsException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogDebug("Sizes of snapshots of {Filesystem} are not known: {Reason}", filesystem, e.Message);
            return [];
        }
    }
}
