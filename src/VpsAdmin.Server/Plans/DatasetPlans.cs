using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Snapshots;

namespace VpsAdmin.Server.Plans;

/// <summary>What is done to all datasets from time to time. One that another chain works on is left for the next time.</summary>
public sealed class DatasetPlans(VpsAdminDb db, IServiceScopeFactory scopes, ILogger<DatasetPlans> log)
{
    /// <returns>Number of chains started, as of the others.</returns>
    public async Task<int> TakeSnapshotsAsync(CancellationToken cancel)
    {
        var pools = await db.Pools.Where(static p => p.Role != PoolRole.Backup).Select(static p => p.Id).ToListAsync(cancel).ConfigureAwait(false);
        var user = await AdministratorAsync(cancel).ConfigureAwait(false);
        return await EachAsync<GroupSnapshots, long>(pools, (group, pool) => group.StartAsync(pool, datasetIds: null, user, cancel)).ConfigureAwait(false);
    }

    public async Task<int> BackUpAsync(CancellationToken cancel)
    {
        var pools = await db.Pools.Where(static p => p.Role == PoolRole.Backup).Select(static p => p.Id).ToListAsync(cancel).ConfigureAwait(false);
        var datasets = await db.Datasets.Where(static d => d.Confirmed == Confirmed.Yes).OrderBy(static d => d.Id).Select(static d => new { d.Id, d.UserId }).ToListAsync(cancel).ConfigureAwait(false);
        return await EachAsync<DatasetBackup, (long Dataset, long User, long Pool)>(
            datasets.SelectMany(d => pools.Select(pool => (d.Id, d.UserId, pool))),
            (backup, one) => backup.StartAsync(one.Dataset, one.Pool, one.User, cancel)).ConfigureAwait(false);
    }

    public async Task<int> RotateAsync(CancellationToken cancel)
    {
        var inPools = await db.DatasetInPools.Where(static i => i.Confirmed == Confirmed.Yes).OrderBy(static i => i.Id).Select(static i => new { i.Id, i.Dataset.UserId }).ToListAsync(cancel).ConfigureAwait(false);
        return await EachAsync<SnapshotRotation, (long Id, long User)>(
            inPools.Select(static i => (i.Id, i.UserId)), (rotation, one) => rotation.StartAsync(one.Id, one.User, cancel)).ConfigureAwait(false);
    }

    /// <summary>Each in a scope of its own, as chains are built in one.</summary>
    private async Task<int> EachAsync<TService, T>(IEnumerable<T> all, Func<TService, T, Task<long?>> start) where TService : notnull
    {
        var started = 0;
        foreach (var one in all)
        {
            var scope = scopes.CreateAsyncScope();
            await using var _ = scope.ConfigureAwait(false);
            try
            {
                if (await start(scope.ServiceProvider.GetRequiredService<TService>(), one).ConfigureAwait(false) is not null)
                    started++;
            }
            catch (ActionRefusedException e)
            {
                log.LogInformation("{Service} leaves {Subject} for the next time: {Reason}", typeof(TService).Name, one, e.Message);
            }
            // Those behind it have their turn all the same, such as when one was destroyed meanwhile.
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogError(e, "{Service} failed with {Subject}", typeof(TService).Name, one);
            }
        }
        return started;
    }

    private Task<long> AdministratorAsync(CancellationToken cancel) => db.Users.Where(static u => u.Level >= 90).OrderBy(static u => u.Id).Select(static u => u.Id).FirstAsync(cancel);
}
