using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>Destroys VPSes whose delay is over.</summary>
public sealed class ExpiredVpses(IServiceScopeFactory scopes, TimeProvider time, ILogger<ExpiredVpses> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                foreach (var (id, userId) in await ExpiredAsync(stoppingToken).ConfigureAwait(false))
                    await DestroyAsync(id, userId, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.LogError(e, "Expired VPSes were not destroyed; the next round tries again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task<List<(long Id, long UserId)>> ExpiredAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var expired = await scope.ServiceProvider.GetRequiredService<VpsAdminDb>().Vpses.Where(v => v.State == VpsState.SoftDelete && v.ExpirationDate <= now)
            .Select(static v => new { v.Id, v.UserId }).ToListAsync(cancel).ConfigureAwait(false);
        return expired.ConvertAll(static v => (v.Id, v.UserId));
    }

    private async Task DestroyAsync(long id, long userId, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var now = time.GetUtcNow();
        // It may have been brought back in the meantime.
        var expired = scope.ServiceProvider.GetRequiredService<VpsAdminDb>().Vpses.Where(v => v.State == VpsState.SoftDelete && v.ExpirationDate <= now);
        try
        {
            await scope.ServiceProvider.GetRequiredService<VpsDeletion>().DestroyAsync(expired, id, userId, cancel).ConfigureAwait(false);
            log.LogInformation("VPS {Vps} was deleted and has expired; it is being destroyed", id);
        }
        catch (ActionRefusedException e)
        {
            log.LogInformation("VPS {Vps} has expired; the next round tries again: {Reason}", id, e.Message);
        }
    }
}
