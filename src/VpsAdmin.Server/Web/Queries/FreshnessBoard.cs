using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>How recent what somebody could go back to is.</summary>
/// <param name="Name">Full name of the dataset.</param>
/// <param name="Snapshot">Time of the newest snapshot; null: there is none.</param>
/// <param name="Hostname">Of the VPS whose root it is; null: it is none.</param>
/// <param name="Used">Bytes; null: that is not known.</param>
/// <param name="Download">When the newest export was made, of a snapshot that still is; null: never.</param>
public sealed record Freshness(long DatasetId, string Name, string? Hostname, long? Used, DateTimeOffset? Snapshot, DateTimeOffset? Download)
{
    /// <summary>A day, and an hour for the plan that takes snapshots to run.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(25);

    public static readonly TimeSpan Stale = TimeSpan.FromDays(8);

    /// <summary><c>fresh</c>, <c>stale</c>, <c>old</c> or <c>none</c>.</summary>
    public static string Level(DateTimeOffset? time, DateTimeOffset now) => (now - time) switch
    {
        null => "none",
        { } age when age <= Fresh => "fresh",
        { } age when age <= Stale => "stale",
        _ => "old",
    };
}

/// <summary>Looks over the datasets of somebody.</summary>
internal sealed class FreshnessBoard(IServiceScopeFactory scopes, DatasetUsage usage)
{
    private static readonly string[] Exports = ["full_download", "incremental_download"];

    /// <param name="behind">Name of the dataset that those that are wanted follow; null: the first ones are.</param>
    /// <returns>By name.</returns>
    public async Task<IReadOnlyList<Freshness>> ReadAsync(Caller caller, string? behind, int most, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var visible = db.Datasets.VisibleTo(caller).Where(static d => d.Confirmed == Confirmed.Yes && d.InPools.Any(static i => i.Pool.Role != PoolRole.Backup));
        if (behind is not null)
            visible = visible.Where(d => string.Compare(d.FullName, behind) > 0);
        var datasets = await visible.OrderBy(static d => d.FullName).Take(most)
            .Select(d => new
            {
                d.Id, d.FullName, Newest = db.Snapshots.Where(s => s.DatasetId == d.Id && s.Confirmed == Confirmed.Yes).Max(static s => (DateTimeOffset?)s.CreatedAt),
                Hostname = db.Vpses.Where(v => v.DatasetId == d.Id).Select(static v => v.Hostname).FirstOrDefault(),
                Pool = d.InPools.Where(static i => i.Confirmed == Confirmed.Yes && i.Pool.Role != PoolRole.Backup).Select(static i => i.PoolId).FirstOrDefault(),
            }).ToListAsync(cancel).ConfigureAwait(false);
        var known = await usage.GetAsync(datasets.Select(static d => d.Pool).ToHashSet(), cancel).ConfigureAwait(false);
        var ids = datasets.ConvertAll(static d => d.Id);
        var exports = await db.TransactionChains.Where(static c => Exports.Contains(c.Name) && c.State == ChainState.Done)
            .SelectMany(static c => c.Concerns.Where(static o => o.ClassName == nameof(Snapshot)), static (c, o) => new { c.UpdatedAt, o.RowId })
            .Join(db.Snapshots.Where(s => ids.Contains(s.DatasetId)), static e => e.RowId, static s => s.Id, static (e, s) => new { s.DatasetId, e.UpdatedAt })
            .GroupBy(static e => e.DatasetId).Select(static g => new { Dataset = g.Key, Newest = g.Max(static e => e.UpdatedAt) })
            .ToDictionaryAsync(static e => e.Dataset, static e => (DateTimeOffset?)e.Newest, cancel).ConfigureAwait(false);
        return [.. datasets.Select(d => new Freshness(d.Id, d.FullName, d.Hostname, known.GetValueOrDefault(new(d.Pool, d.FullName))?.Used, d.Newest, exports.GetValueOrDefault(d.Id)))];
    }
}
