using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace VpsAdmin.NodeWeb;

/// <summary>How programs begin that serve something.</summary>
public static class HostStart
{
    /// <returns>False: it was told to stop before all of it had begun, and has stopped.</returns>
    /// <exception cref="IOException">One of its addresses cannot be listened on.</exception>
    public static async Task<bool> TryStartAsync(this WebApplication app, CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            return false;
        }
    }
}
