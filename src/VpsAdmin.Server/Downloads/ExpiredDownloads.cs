using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Downloads;

/// <summary>
/// Removes exports that have expired, the way their owners would: from time to time, and those that nobody wanted any more before they
/// were made as soon as they are.
/// </summary>
public sealed class ExpiredDownloads(IServiceScopeFactory scopes, ChainSignals signals, TimeProvider time, ILogger<ExpiredDownloads> log) : BackgroundService
{
    /// <summary>How long a download is kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        while (true)
        {
            // Not at any chain's end: a removal that fails would be tried again at once, for ever.
            var exportEnd = signals.NextExportEnd;
            try
            {
                await RemoveAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.LogError(e, "Expired downloads were not removed; the next round tries again");
            }

            if (await Task.WhenAny(tick, exportEnd).ConfigureAwait(false) != tick)
                continue;
            await tick.ConfigureAwait(false);
            tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        }
    }

    private async Task RemoveAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var expired = await scope.ServiceProvider.GetRequiredService<VpsAdminDb>().SnapshotDownloads
            .Where(d => d.Confirmed == Confirmed.Yes && d.ExpirationDate <= now)
            .Select(static d => new { d.Id, d.UserId }).ToListAsync(cancel).ConfigureAwait(false);
        foreach (var download in expired)
            await RemoveAsync(download.Id, download.UserId, cancel).ConfigureAwait(false);
    }

    private async Task RemoveAsync(long downloadId, long userId, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var downloads = scope.ServiceProvider.GetRequiredService<VpsAdminDb>().SnapshotDownloads.Where(static d => d.Confirmed == Confirmed.Yes);
        try
        {
            await scope.ServiceProvider.GetRequiredService<DownloadRemoval>().StartAsync(downloads, downloadId, userId, cancel).ConfigureAwait(false);
            log.LogInformation("Download {Download} has expired and is being removed", downloadId);
        }
        catch (ActionRefusedException e)
        {
            // Locked by another chain, or its owner was faster.
            log.LogInformation("Download {Download} has expired; the next round tries again: {Reason}", downloadId, e.Message);
        }
    }
}
