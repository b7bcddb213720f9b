using OpenIddict.Abstractions;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>Clears away what has expired: tokens, authorizations, and the sessions that had them.</summary>
internal sealed class OAuthPruning(IServiceScopeFactory scopes, TimeProvider time, ILogger<OAuthPruning> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await PruneAsync(scopes, time, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "Expired logins cannot be cleared away; trying again in {Interval}", Interval);
            }
        }
    }

    internal static async Task PruneAsync(IServiceScopeFactory scopes, TimeProvider time, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var services = scope.ServiceProvider;
        await services.GetRequiredService<OAuthSessions>().CloseExpiredAsync(cancel).ConfigureAwait(false);

        // Young ones stay a while: a code that is brought twice must be known for what it is.
        var old = time.GetUtcNow() - TimeSpan.FromDays(1);
        await services.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(old, cancel).ConfigureAwait(false);
        await services.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(old, cancel).ConfigureAwait(false);
    }
}
