using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Sharing;

/// <summary>
/// Tells the other servers on this database what they need not know for sure, such as that a chain has gone on: many in one statement. PostgreSQL lets those who commit with a notification
/// do it one after another, so moves of chains do without. What gets lost with this server costs clients of others the rest of a poll.
/// </summary>
internal sealed class NewsTelling(IServiceScopeFactory scopes, ChainSignals signals, TimeProvider time, ILogger<NewsTelling> log) : BackgroundService
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var untold = signals.HearUntold(stoppingToken);
        var together = new List<ChainNews>();
        while (await untold.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            together.Clear();
            while (together.Count < MostAtOnce && untold.TryRead(out var news))
                together.Add(news);
            while (!await TellAsync(together, stoppingToken).ConfigureAwait(false))
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TellAsync(IReadOnlyList<ChainNews> news, CancellationToken cancel)
    {
        try
        {
            var scope = scopes.CreateAsyncScope();
            await using var _ = scope.ConfigureAwait(false);
            await scope.ServiceProvider.GetRequiredService<VpsAdminDb>().TellServersAsync(news, cancel).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning("Other servers are not told for a while: {Reason}", e.Message);
            return false;
        }
    }
}
