using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Migrating;

/// <summary>Carries on plans that run: when one of their chains or a plan has changed, and every minute for VPSes that were locked or whose window was closed.</summary>
public sealed class MigrationPlanRunner(IServiceScopeFactory scopes, ChainSignals signals, TimeProvider time, ILogger<MigrationPlanRunner> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        while (true)
        {
            // Chains of others change many times in a second. Those that are begun below are told of as a change of their plan.
            var plansChange = signals.NextChangeOfPlans;
            var running = await RunningAsync(stoppingToken).ConfigureAwait(false);
            var changes = running.SelectMany(static p => p.Chains).Select(signals.NextChangeOf).ToList();
            foreach (var plan in running)
                await ContinueAsync(plan.Id, stoppingToken).ConfigureAwait(false);
            if (await Task.WhenAny([tick, plansChange, .. changes]).ConfigureAwait(false) != tick)
                continue;
            await tick.ConfigureAwait(false);
            tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        }
    }

    private sealed record RunningPlan(long Id, IReadOnlyList<long> Chains);

    private async Task<IReadOnlyList<RunningPlan>> RunningAsync(CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        try
        {
            return await scope.ServiceProvider.GetRequiredService<VpsAdminDb>().MigrationPlans
                .Where(static p => p.State == MigrationPlanState.Running || p.State == MigrationPlanState.Cancelling || p.State == MigrationPlanState.Failing)
                .Select(static p => new RunningPlan(p.Id, p.Migrations.Where(static m => m.State == VpsMigrationState.Running && m.ChainId != null).Select(static m => m.ChainId!.Value).ToList()))
                .ToListAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            log.LogWarning("Migration plans are left for the next round: {Reason}", e.Message);
            return [];
        }
    }

    private async Task ContinueAsync(long planId, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        try
        {
            await scope.ServiceProvider.GetRequiredService<MigrationPlanRun>().ContinueAsync(planId, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // The other plans go on.
            log.LogError(e, "Migration plan {Plan} is left for the next round", planId);
        }
    }
}
