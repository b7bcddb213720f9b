using Quartz;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Plans;

/// <summary>Runs the plans when their time has come, each until its next time at most. What was missed while the server did not run is not made up for.</summary>
public sealed class PlanRunner(IServiceScopeFactory scopes, ServerOptions options, TimeProvider time, ILogger<PlanRunner> log) : BackgroundService
{
    /// <summary>Timers count no further than 49 days.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RunAsync("snapshots", options.Plans.Snapshots, static (plans, until, cancel) => plans.TakeSnapshotsAsync(until, cancel), stoppingToken),
        RunAsync("backups", options.Plans.Backups, static (plans, until, cancel) => plans.BackUpAsync(until, cancel), stoppingToken),
        RunAsync("rotation", options.Plans.Rotation, static (plans, until, cancel) => plans.RotateAsync(until, cancel), stoppingToken));

    private async Task RunAsync(string name, string? cron, Func<DatasetPlans, DateTimeOffset, CancellationToken, Task<int>> run, CancellationToken cancel)
    {
        if (cron is null)
            return;
        var schedule = new CronExpression(cron, TimeZoneInfo.Utc);
        var last = time.GetUtcNow();
        while (schedule.GetNextValidTimeAfter(last) is { } next)
        {
            for (var wait = next - time.GetUtcNow(); wait > TimeSpan.Zero; wait = next - time.GetUtcNow())
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, cancel).ConfigureAwait(false);
            // Not before the time that it was meant for, even when the clock was set back.
            last = Max(next, time.GetUtcNow());
            await RunAsync(name, run, schedule.GetNextValidTimeAfter(last) ?? DateTimeOffset.MaxValue, cancel).ConfigureAwait(false);
        }
    }

    /// <param name="until">The plan's next time: it is over by then.</param>
    private async Task RunAsync(string name, Func<DatasetPlans, DateTimeOffset, CancellationToken, Task<int>> run, DateTimeOffset until, CancellationToken cancel)
    {
        try
        {
            var scope = scopes.CreateAsyncScope();
            await using var _ = scope.ConfigureAwait(false);
            var started = await run(scope.ServiceProvider.GetRequiredService<DatasetPlans>(), until, cancel).ConfigureAwait(false);
            log.LogInformation("The plan of {Plan} has started {Count} chains", name, started);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            log.LogError(e, "The plan of {Plan} failed; it runs again at its next time", name);
        }
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
