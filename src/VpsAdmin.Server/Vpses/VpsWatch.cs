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

    /// <summary>Of how many nodes what was seen is written down at once.</summary>
    private const int AtOnce = 4;

    /// <summary>How often what is older goes: nothing grows old as fast as VPSes are looked at.</summary>
    private static readonly TimeSpan ForgetPeriod = TimeSpan.FromHours(1);

    /// <summary>By node. One that has not answered yet is left out of the rounds meanwhile, and keeps nobody waiting.</summary>
    private readonly Dictionary<long, Task> _looking = [];

    /// <summary>All nodes answer in the same moment: connections to the database are to be left for requests.</summary>
    private readonly SemaphoreSlim _writing = new(AtOnce, AtOnce);

    private long? _forgotten;

    public override void Dispose()
    {
        base.Dispose();
        _writing.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
                await TryAsync(() => BeginRoundAsync(stoppingToken), stoppingToken).ConfigureAwait(false);
        }
        finally
        {
            // Another server may look from then on.
            await Task.WhenAll(_looking.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One round, and what was under way before.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        await BeginRoundAsync(cancel).ConfigureAwait(false);
        await Task.WhenAll(_looking.Values).ConfigureAwait(false);
    }

    /// <summary>Begins to look at the nodes that nobody looks at.</summary>
    public async Task BeginRoundAsync(CancellationToken cancel)
    {
        var looks = await UseAsync(db => VpsLooks.BeginAsync(db, cancel)).ConfigureAwait(false);
        foreach (var node in looks.GroupBy(static look => look.NodeId))
        {
            if (!_looking.TryGetValue(node.Key, out var looking) || looking.IsCompleted)
                _looking[node.Key] = TryAsync(() => LookAsync(node.Key, [.. node], cancel), cancel);
        }
        if (_forgotten is { } last && time.GetElapsedTime(last) < ForgetPeriod)
            return;
        await UseAsync(db => VpsLooks.ForgetAsync(db, time.GetUtcNow() - HistoryLifetime, cancel)).ConfigureAwait(false);
        _forgotten = time.GetTimestamp();
    }

    private async Task TryAsync(Func<Task> write, CancellationToken cancel)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            log.LogWarning("What VPSes are doing was not written down: {Reason}", e.Message);
        }
    }

    private async Task LookAsync(long nodeId, IReadOnlyList<VpsLook> looks, CancellationToken cancel)
    {
        // A node that hangs is asked again some day.
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
        await _writing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await UseAsync(db => VpsLooks.EndAsync(db, looks, samples, time.GetUtcNow(), cancel)).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<T> UseAsync<T>(Func<VpsAdminDb, Task<T>> use)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        return await use(scope.ServiceProvider.GetRequiredService<VpsAdminDb>()).ConfigureAwait(false);
    }
}
