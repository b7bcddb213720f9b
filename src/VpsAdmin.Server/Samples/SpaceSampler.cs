using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Samples;

/// <summary>Notes every hour what datasets and pools occupy, on all nodes that tell.</summary>
public sealed class SpaceSampler(IServiceScopeFactory scopes, DatasetUsage usage, PoolSpace space, TimeProvider time, ILogger<SpaceSampler> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>How long a pool may take to answer before it is left out this time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Days before it are thinned.</summary>
    private DateTimeOffset? _thinned;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await TakeAsync(stoppingToken).ConfigureAwait(false);
                await ThinAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Space was not sampled; the next hour is: {Reason}", e.Message);
            }
        }
    }

    /// <summary>A sample of all that is known now.</summary>
    public async Task TakeAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var known = await usage.GetAsync(pools: null, cancel).ConfigureAwait(false);
        var pools = await space.GetAsync(Patience, cancel).ConfigureAwait(false);
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var datasets = await db.DatasetInPools.Where(static i => i.Confirmed == Confirmed.Yes && i.Dataset.Confirmed == Confirmed.Yes && i.Pool.Role != PoolRole.Backup)
            .Select(static i => new { i.DatasetId, Place = new PlacedDataset(i.PoolId, i.Dataset.FullName) }).ToListAsync(cancel).ConfigureAwait(false);
        db.SpaceSamples.AddRange(datasets.Where(d => known.ContainsKey(d.Place))
            .Select(d => new SpaceSample { DatasetId = d.DatasetId, At = now, Used = known[d.Place].Used, Available = known[d.Place].Available }));
        db.SpaceSamples.AddRange(pools.Select(p => new SpaceSample { PoolId = p.Key, At = now, Used = p.Value.Used, Available = p.Value.Available }));
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }

    private async Task ThinAsync(CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        _thinned = await SampleThinning.ThinAsync(scope.ServiceProvider.GetRequiredService<VpsAdminDb>(), _thinned, time.GetUtcNow(), cancel).ConfigureAwait(false);
    }
}
