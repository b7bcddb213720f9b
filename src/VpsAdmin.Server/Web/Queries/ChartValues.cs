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
    private const int MostLines = 6;

    /// <summary>A line has a point for each hour of a week, and one for each day of the rest of a year (<see cref="Samples.SampleThinning"/>).</summary>
    private const int MostPoints = 600;

    /// <summary>Dots of a drawing: the newest.</summary>
    private const int MostRuns = 500;

    /// <summary>Used bytes of the pools that are the fullest; for administrators.</summary>
    public Task<IReadOnlyList<ChartSeries>> PoolsAsync(Caller caller, DateTimeOffset since, CancellationToken cancel) => ReadAsync(async db =>
    {
        if (!caller.IsAdmin)
            return [];
        var samples = db.SpaceSamples.Where(s => s.PoolId != null && s.At >= since).Select(static s => new Measured { Id = s.PoolId!.Value, At = s.At, Used = s.Used });
        return await LargestAsync(samples, ids => db.Pools.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(static p => p.Id, static p => p.Filesystem, cancel), cancel).ConfigureAwait(false);
    });

    /// <summary>Used bytes of the datasets that take the most.</summary>
    public Task<IReadOnlyList<ChartSeries>> DatasetsAsync(Caller caller, DateTimeOffset since, CancellationToken cancel) => ReadAsync(db =>
    {
        var visible = db.Datasets.VisibleTo(caller);
        var samples = db.SpaceSamples.Where(s => s.At >= since && visible.Any(d => d.Id == s.DatasetId)).Select(static s => new Measured { Id = s.DatasetId!.Value, At = s.At, Used = s.Used });
        return LargestAsync(samples, ids => db.Datasets.Where(d => ids.Contains(d.Id)).ToDictionaryAsync(static d => d.Id, static d => d.FullName, cancel), cancel);
    });

    public Task<ExportValues> ExportsAsync(Caller caller, DateTimeOffset since, CancellationToken cancel) => ReadAsync(async db =>
    {
        var exports = await db.Transactions.AsNoTracking()
            .Where(t => t.Type == TransactionType.DownloadSnapshot && t.State == StepState.Done && t.FinishedAt >= since && t.StartedAt != null && t.Output != null)
            .Where(t => caller.IsAdmin || t.Chain.UserId == caller.UserId).OrderByDescending(static t => t.Id).Take(MostRuns)
            .Select(static t => new { t.StartedAt, t.FinishedAt, t.Output }).ToListAsync(cancel).ConfigureAwait(false);
        var values = exports.Where(static e => e.FinishedAt > e.StartedAt).Select(static e => (
            At: e.FinishedAt!.Value, Seconds: (e.FinishedAt - e.StartedAt)!.Value.TotalSeconds, Bytes: JsonSerializer.Deserialize(e.Output!, NodeJson.Default.DownloadSnapshotOutput)!.Bytes)).ToList();
        return new ExportValues(
            new("", [.. values.Select(static v => new ChartPoint(v.At, v.Seconds))]), new("", [.. values.Select(static v => new ChartPoint(v.At, v.Bytes / v.Seconds))]));
    });

    /// <summary>Bytes per second of what nodes sent to each other, by their names: the pairs that moved the most.</summary>
    public Task<IReadOnlyList<ChartSeries>> TransfersAsync(Caller caller, DateTimeOffset since, CancellationToken cancel) => ReadAsync<IReadOnlyList<ChartSeries>>(async db =>
    {
        // Who receives is in the step in front: the same chain has the other node await what is sent.
        var sendings = await db.Transactions.AsNoTracking()
            .Where(t => t.Type == TransactionType.SendSnapshots && t.State == StepState.Done && t.FinishedAt >= since && t.StartedAt != null && t.SentBytes > 0)
            .Where(t => caller.IsAdmin || t.Chain.UserId == caller.UserId).OrderByDescending(static t => t.Id).Take(MostRuns)
            .Select(static t => new
            {
                t.StartedAt, t.FinishedAt, t.SentBytes, From = t.Node.DomainName,
                To = t.Chain.Transactions.Where(r => r.Type == TransactionType.ReceiveSnapshots && r.Position < t.Position).OrderByDescending(static r => r.Position)
                    .Select(static r => r.Node.DomainName).FirstOrDefault(),
            }).ToListAsync(cancel).ConfigureAwait(false);
        return [.. sendings.Where(static s => s.FinishedAt > s.StartedAt).GroupBy(static s => $"{s.From} → {s.To}")
            .OrderByDescending(static g => g.Sum(static s => s.SentBytes!.Value)).ThenBy(static g => g.Key, StringComparer.Ordinal).Take(MostLines)
            .Select(static g => new ChartSeries(g.Key, [.. g.Select(static s => new ChartPoint(s.FinishedAt!.Value, s.SentBytes!.Value / (s.FinishedAt - s.StartedAt)!.Value.TotalSeconds))]))];
    });

    /// <summary>The lines that were the highest in their last day. Which those are the database says: only their points are read.</summary>
    private static async Task<IReadOnlyList<ChartSeries>> LargestAsync(IQueryable<Measured> samples, Func<List<long>, Task<Dictionary<long, string>>> names, CancellationToken cancel)
    {
        var newest = await samples.OrderByDescending(static s => s.At).Select(static s => (DateTimeOffset?)s.At).FirstOrDefaultAsync(cancel).ConfigureAwait(false);
        if (newest is not { } last)
            return [];
        var recent = last - TimeSpan.FromDays(1);
        var ids = await samples.Where(s => s.At > recent).GroupBy(static s => s.Id).Select(static g => new { Id = g.Key, Used = g.Max(static s => s.Used) })
            .OrderByDescending(static g => g.Used).ThenBy(static g => g.Id).Take(MostLines).Select(static g => g.Id).ToListAsync(cancel).ConfigureAwait(false);
        var points = await samples.Where(s => ids.Contains(s.Id)).OrderByDescending(static s => s.At).Take(MostLines * MostPoints).ToListAsync(cancel).ConfigureAwait(false);
        var named = await names(ids).ConfigureAwait(false);
        return [.. ids.Where(named.ContainsKey).Select(id => new ChartSeries(named[id], [.. points.Where(p => p.Id == id).Select(static p => new ChartPoint(p.At, p.Used))]))];
    }

    /// <summary>What one series was at one time.</summary>
    private sealed class Measured
    {
        public long Id { get; init; }
        public DateTimeOffset At { get; init; }
        public long Used { get; init; }
    }

    private async Task<T> ReadAsync<T>(Func<VpsAdminDb, Task<T>> query)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        return await query(scope.ServiceProvider.GetRequiredService<VpsAdminDb>()).ConfigureAwait(false);
    }
}
