namespace VpsAdmin.Server.Sharing;

/// <summary>A service that runs in one server at a time, of those on one database.</summary>
internal sealed record LedService(BackgroundService Service);

internal static class LedServices
{
    /// <summary>Like AddHostedService, in the server that leads.</summary>
    public static void AddLed<T>(this IServiceCollection services) where T : BackgroundService
    {
        services.AddSingleton<T>();
        services.AddSingleton(static s => new LedService(s.GetRequiredService<T>()));
    }
}

/// <summary>Runs the services that run in one server at a time: starts them when this server leads, and stops them when it does not any more.</summary>
internal sealed class Leader(ILeadership leadership, IEnumerable<LedService> led, ILogger<Leader> log) : BackgroundService
{
    private readonly IReadOnlyList<BackgroundService> _services = [.. led.Select(static l => l.Service)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var term = await leadership.TakeAsync(stoppingToken).ConfigureAwait(false);
            await using (term.ConfigureAwait(false))
                await LeadAsync(term, stoppingToken).ConfigureAwait(false);
            stoppingToken.ThrowIfCancellationRequested();
            log.LogWarning("This server does not run chains any more");
        }
    }

    /// <summary>Returns when all services have ended: no other server may begin before that.</summary>
    private async Task LeadAsync(ITerm term, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, term.Lost);
        foreach (var service in _services)
            await service.StartAsync(end.Token).ConfigureAwait(false);
        log.LogInformation("This server runs chains");
        var work = _services.Select(static s => s.ExecuteTask!).ToList();
        await Task.WhenAny([.. work.Select(task => FailureAsync(task, end.Token)), UntilAsync(end.Token)]).ConfigureAwait(false);
        // What is cancelled before it was told to end has failed, too.
        var failed = end.IsCancellationRequested ? null : work.Find(HasFailed);
        await end.CancelAsync().ConfigureAwait(false);
        await ((Task)Task.WhenAll(work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // One that cannot go on ends the server, as it would without others.
        failed ??= work.Find(static task => task.IsFaulted);
        if (failed is { IsCanceled: true })
            throw new InvalidOperationException($"{_services[work.IndexOf(failed)].GetType().Name} has ended, and nobody has told it to.");
        if (failed is not null)
            await failed.ConfigureAwait(false);
    }

    /// <summary>Completes when the service fails; one that has nothing to do may end at once.</summary>
    private static async Task FailureAsync(Task work, CancellationToken end)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!HasFailed(work))
            await UntilAsync(end).ConfigureAwait(false);
    }

    private static bool HasFailed(Task work) => work.IsCompleted && !work.IsCompletedSuccessfully;

    private static Task UntilAsync(CancellationToken end) => Task.Delay(Timeout.Infinite, end).ContinueWith(static _ => { }, TaskScheduler.Default);
}
