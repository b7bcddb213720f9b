using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Consistency;

/// <summary>Reads what the database says of a pool, now: what was read before does not count.</summary>
internal sealed class DatabaseReader(VpsAdminDb db)
{
    public async Task<PoolRows> ReadAsync(Pool pool, CancellationToken cancel)
    {
        var places = await db.DatasetInPools.AsNoTracking().Include(static i => i.Dataset).Where(i => i.PoolId == pool.Id).ToListAsync(cancel).ConfigureAwait(false);
        var datasets = places.ConvertAll(i => new RowName($"{pool.Filesystem}/{i.Dataset.FullName}", IsSettled(i) && IsSettled(i.Dataset)));
        var snapshots = new List<RowName>();
        if (pool.Role is PoolRole.Backup)
            await AddBackupsAsync(pool, datasets, snapshots, cancel).ConfigureAwait(false);
        else
            snapshots.AddRange(await SnapshotsAsync(pool, cancel).ConfigureAwait(false));
        var downloads = await db.SnapshotDownloads.AsNoTracking().Where(d => d.PoolId == pool.Id).ToListAsync(cancel).ConfigureAwait(false);
        return new PoolRows(pool.Filesystem, datasets, snapshots, [.. downloads.Select(static d => new DownloadRow(d.Id, d.SecretKey, d.FileName, d.Size, IsSettled(d)))]);
    }

    private async Task<IEnumerable<RowName>> SnapshotsAsync(Pool pool, CancellationToken cancel)
    {
        var copies = await db.SnapshotInPools.AsNoTracking().Include(static c => c.Snapshot).Include(static c => c.DatasetInPool).ThenInclude(static i => i.Dataset)
            .Where(c => c.DatasetInPool.PoolId == pool.Id).ToListAsync(cancel).ConfigureAwait(false);
        return copies.Select(c => new RowName($"{pool.Filesystem}/{c.DatasetInPool.Dataset.FullName}@{c.Snapshot.Name}", IsSettled(c) && IsSettled(c.Snapshot) && IsSettled(c.DatasetInPool)));
    }

    private async Task AddBackupsAsync(Pool pool, List<RowName> datasets, List<RowName> snapshots, CancellationToken cancel)
    {
        var branches = await db.Branches.AsNoTracking()
            .Include(static b => b.Tree).ThenInclude(static t => t.DatasetInPool).ThenInclude(static i => i.Dataset)
            .Include(static b => b.Snapshots).ThenInclude(static s => s.SnapshotInPool).ThenInclude(static c => c.Snapshot)
            .Where(b => b.Tree.DatasetInPool.PoolId == pool.Id).ToListAsync(cancel).ConfigureAwait(false);
        foreach (var branch in branches)
        {
            var dataset = $"{pool.Filesystem}/{branch.Tree.DatasetInPool.Dataset.FullName}";
            var path = $"{pool.Filesystem}/{BackupTree.Path(branch.Tree.DatasetInPool.Dataset.FullName, branch)}";
            datasets.Add(new($"{dataset}/{branch.Tree.FullName}", IsSettled(branch.Tree)));
            datasets.Add(new(path, IsSettled(branch)));
            snapshots.AddRange(branch.Snapshots.Select(s => new RowName($"{path}@{s.SnapshotInPool.Snapshot.Name}", IsSettled(s) && IsSettled(branch) && IsSettled(s.SnapshotInPool))));
        }
    }

    private static bool IsSettled(IConfirmable row) => row.Confirmed is Confirmed.Yes;
}
