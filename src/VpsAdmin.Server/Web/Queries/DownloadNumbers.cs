using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>Where a page of downloads lies: people want the newest first, and the API's list begins with the oldest, as its clients have known it.</summary>
internal sealed class DownloadNumbers(IServiceScopeFactory scopes)
{
    /// <param name="from">The last one that was seen; null: the newest are wanted.</param>
    /// <returns>Ids, the newest first.</returns>
    public async Task<IReadOnlyList<long>> OlderAsync(Caller caller, long? from, int most, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var downloads = scope.ServiceProvider.GetRequiredService<VpsAdminDb>().SnapshotDownloads.VisibleTo(caller).Where(static d => d.Confirmed != Confirmed.Destroy);
        if (from is { } last)
            downloads = downloads.Where(d => d.Id < last);
        return await downloads.OrderByDescending(static d => d.Id).Take(most).Select(static d => d.Id).ToListAsync(cancel).ConfigureAwait(false);
    }
}
