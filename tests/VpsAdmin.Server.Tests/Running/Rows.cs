using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Downloads;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>Rows as chains that ended well would have left them.</summary>
internal static class Rows
{
    public static Task<long> AddUserAsync(this RunningServer server, string login) => server.QueryAsync(async db =>
    {
        var hasher = PasswordHashing.Create(iterations: 1000);
        var user = new User { Login = login, PasswordHash = "", Level = 1, CreatedAt = DateTimeOffset.UtcNow };
        user.PasswordHash = hasher.HashPassword(user, login + "-password");
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return user.Id;
    });

    public static Task<long> AddDatasetAsync(this RunningServer server, string name, long userId = 1) => server.QueryAsync(async db =>
    {
        var dataset = new Dataset { FullName = name, UserId = userId, CreatedAt = DateTimeOffset.UtcNow, Confirmed = Confirmed.Yes };
        dataset.InPools.Add(new() { PoolId = server.Installation.PoolId, Confirmed = Confirmed.Yes });
        db.Datasets.Add(dataset);
        await db.SaveChangesAsync();
        return dataset.Id;
    });

    public static Task<long> AddSnapshotAsync(this RunningServer server, long datasetId, string name, int historyId = 0) => server.QueryAsync(async db =>
    {
        var inPool = await db.DatasetInPools.SingleAsync(i => i.DatasetId == datasetId && i.Pool.Role != PoolRole.Backup);
        var snapshot = new Snapshot
        {
            DatasetId = datasetId, Name = name, CreatedAt = DateTimeOffset.Parse(name + "Z", System.Globalization.CultureInfo.InvariantCulture),
            HistoryId = historyId, Confirmed = Confirmed.Yes,
        };
        snapshot.InPools.Add(new() { DatasetInPoolId = inPool.Id, Confirmed = Confirmed.Yes });
        db.Snapshots.Add(snapshot);
        await db.SaveChangesAsync();
        return snapshot.Id;
    });

    public static Task<long> AddBackupPoolAsync(this RunningServer server) => server.QueryAsync(async db =>
    {
        var pool = new Pool { NodeId = server.Installation.NodeId, Label = "backup", Filesystem = "backup/vps", Role = PoolRole.Backup };
        db.Pools.Add(pool);
        await db.SaveChangesAsync();
        return pool.Id;
    });

    /// <summary>A branch of backups of a dataset, the head, with these snapshots.</summary>
    /// <returns>Id of the branch.</returns>
    public static Task<long> AddBackupAsync(this RunningServer server, long datasetId, long poolId, params long[] snapshotIds) => server.QueryAsync(async db =>
    {
        var now = DateTimeOffset.UtcNow;
        var inPool = await db.DatasetInPools.SingleOrDefaultAsync(i => i.DatasetId == datasetId && i.PoolId == poolId)
            ?? new DatasetInPool { DatasetId = datasetId, PoolId = poolId, Confirmed = Confirmed.Yes };
        var snapshots = await db.Snapshots.Where(s => snapshotIds.Contains(s.Id)).OrderBy(static s => s.Id).ToListAsync();
        var branch = new Branch
        {
            Tree = new() { DatasetInPool = inPool, Index = 0, IsHead = true, CreatedAt = now, Confirmed = Confirmed.Yes },
            Name = snapshots[0].Name, Index = 0, IsHead = true, CreatedAt = now, Confirmed = Confirmed.Yes,
        };
        branch.Snapshots.AddRange(snapshots.Select(s => new SnapshotInBranch
        {
            SnapshotInPool = new() { Snapshot = s, DatasetInPool = inPool, Confirmed = Confirmed.Yes }, Confirmed = Confirmed.Yes,
        }));
        db.Branches.Add(branch);
        await db.SaveChangesAsync();
        return branch.Id;
    });

    /// <returns>The chain; null: another is in the way.</returns>
    public static async Task<long?> TryDownloadAsync(this RunningServer server, long snapshotId)
    {
        try
        {
            return (await server.CreateDownloadAsync(snapshotId)).ChainId;
        }
        catch (ActionRefusedException)
        {
            return null;
        }
    }

    /// <summary>As administrator.</summary>
    public static Task<StartedChain<SnapshotDownload>> CreateDownloadAsync(
        this RunningServer server, long snapshotId, long? fromId = null, DownloadFormat format = DownloadFormat.Archive, long? ownedBy = null) =>
        server.UseAsync<DownloadCreation, StartedChain<SnapshotDownload>>((creation, db) => creation.StartAsync(
            ownedBy is { } owner ? db.Snapshots.Where(s => s.Dataset.UserId == owner) : db.Snapshots,
            new(snapshotId, fromId, format), ownedBy ?? 1, TestContext.Current.CancellationToken));

    /// <summary>As administrator.</summary>
    public static Task<long?> RemoveDownloadAsync(this RunningServer server, long downloadId) =>
        server.UseAsync<DownloadRemoval, long?>((removal, db) =>
            removal.StartAsync(db.SnapshotDownloads, downloadId, 1, TestContext.Current.CancellationToken));
}
