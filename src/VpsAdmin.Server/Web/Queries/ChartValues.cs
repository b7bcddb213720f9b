using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;
using VpsAdmin.Server.Web.Drawing;

namespace VpsAdmin.Server.Web.Queries;

/// <param name="Duration">Seconds that the node took.</param>
/// <param name="Rate">Bytes per second of the finished file.</param>
public sealed record ExportValues(ChartSeries Duration, ChartSeries Rate);

/// <summary>What charts are drawn of.</summary>
internal sealed class ChartValues(IServiceScopeFactory scopes)
{
    /// <summary>Lines that can still be told apart.</summary>
    private const int MostDatasets = 6;
    private const int MostExports = 500;

    /// <summary>Used bytes of each pool; for administrators.</summary>
    public Task<IReadOnlyList<ChartSeries>> PoolsAsync(Caller caller, DateTimeOffset since, CancellationToken cancel) => ReadAsync(async db =>
    {
        if (!caller.IsAdmin)
            return (IReadOnlyList<ChartSeries>)[];
        var names = await db.Pools.OrderBy(static p => p.Id).Select(static p => new { p.Id, p.Filesystem }).ToListAsync(cancel).ConfigureAwait(false);
        var samples = await db.SpaceSamples.AsNoTracking().Where(s => s.PoolId != null && s.At >= since).ToListAsync(cancel).ConfigureAwait(false);
        return [.. names.Select(n => Series(n.Filesystem, samples.Where(s => s.PoolId == n.Id))).Where(static s => s.Points.Count > 0)];
    });

    /// <summary>Used bytes of the datasets that take the most.</summary>
    public Task<IReadOnlyList<ChartSeries>> DatasetsAsync(Caller caller, DateTimeOffset since, CancellationToken cancel) => ReadAsync(async db =>
    {
        var names = await db.Datasets.VisibleTo(caller).Select(static d => new { d.Id, d.FullName }).ToListAsync(cancel).ConfigureAwait(false);
        var ids = names.ConvertAll(static n => n.Id);
        var samples = await db.SpaceSamples.AsNoTracking().Where(s => s.DatasetId != null && ids.Contains(s.DatasetId.Value) && s.At >= since).ToListAsync(cancel).ConfigureAwait(false);
        return (IReadOnlyList<ChartSeries>)
        [
            .. samples.GroupBy(static s => s.DatasetId).OrderByDescending(static g => g.MaxBy(static s => s.At)!.Used).Take(MostDatasets)
                .Select(g => Series(names.Find(n => n.Id == g.Key)!.FullName, g)),
        ];
    });

    public Task<ExportValues> ExportsAsync(Caller caller, DateTimeOffset since, CancellationToken cancel) => ReadAsync(async db =>
    {
        var exports = await db.Transactions.AsNoTracking()
            .Where(t => t.Type == TransactionType.DownloadSnapshot && t.State == StepState.Done && t.FinishedAt >= since && t.StartedAt != null && t.Output != null)
            .Where(t => caller.IsAdmin || t.Chain.UserId == caller.UserId).OrderByDescending(static t => t.Id).Take(MostExports)
            .Select(static t => new { t.StartedAt, t.FinishedAt, t.Output }).ToListAsync(cancel).ConfigureAwait(false);
        var values = exports.Where(static e => e.FinishedAt > e.StartedAt).Select(static e => (
            At: e.FinishedAt!.Value, Seconds: (e.FinishedAt - e.StartedAt)!.Value.TotalSeconds, Bytes: JsonSerializer.Deserialize(e.Output!, NodeJson.Default.DownloadSnapshotOutput)!.Bytes)).ToList();
        return new ExportValues(
            new("", [.. values.Select(static v => new ChartPoint(v.At, v.Seconds))]), new("", [.. values.Select(static v => new ChartPoint(v.At, v.Bytes / v.Seconds))]));
    });

    private static ChartSeries Series(string name, IEnumerable<SpaceSample> samples) => new(name, [.. samples.Select(static s => new ChartPoint(s.At, s.Used))]);

    private async Task<T> ReadAsync<T>(Func<VpsAdminDb, Task<T>> query)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        return await query(scope.ServiceProvider.GetRequiredService<VpsAdminDb>()).ConfigureAwait(false);
    }
}
