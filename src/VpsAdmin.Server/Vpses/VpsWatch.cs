using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>Looks at all VPSes every few seconds, at those of different nodes at once.</summary>
public sealed class VpsWatch(IServiceScopeFactory scopes, IVpsWatch nodes, TimeProvider time, ILogger<VpsWatch> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How long the history of what was seen goes back.</summary>
    private static readonly TimeSpan HistoryLifetime = TimeSpan.FromDays(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await LookAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("What VPSes are doing was not written down: {Reason}", e.Message);
            }
        }
    }

    /// <summary>One round.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        var looks = await UseAsync(db => VpsLooks.BeginAsync(db, cancel)).ConfigureAwait(false);
        await Task.WhenAll(looks.GroupBy(static look => look.NodeId).Select(node => LookAsync(node.Key, [.. node], cancel))).ConfigureAwait(false);
        var old = time.GetUtcNow() - HistoryLifetime;
        await UseAsync(db => db.VpsStatuses.Where(s => s.CreatedAt < old).ExecuteDeleteAsync(cancel)).ConfigureAwait(false);
    }

    private async Task LookAsync(long nodeId, IReadOnlyList<VpsLook> looks, CancellationToken cancel)
    {
        // A node that hangs is left for the next round.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        IReadOnlyList<VpsSample>? samples;
        try
        {
            samples = await nodes.SampleAsync(nodeId, [.. looks.Select(static look => look.Place)], patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            samples = null;
        }
        if (samples is null)
        {
            log.LogInformation("Node {Node} does not tell what its VPSes are doing", nodeId);
            return;
        }
        foreach (var sample in samples)
        {
            if (looks.FirstOrDefault(look => look.Place.VpsId == sample.VpsId) is { } look)
                await UseAsync(db => VpsLooks.EndAsync(db, look, sample, time.GetUtcNow(), cancel)).ConfigureAwait(false);
        }
    }

    private async Task<T> UseAsync<T>(Func<VpsAdminDb, Task<T>> use)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        return await use(scope.ServiceProvider.GetRequiredService<VpsAdminDb>()).ConfigureAwait(false);
    }
}
