using Microsoft.EntityFrameworkCore;
using Quartz;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Web.Queries;

/// <param name="HandedOut">Pieces of work that the node has and has not ended.</param>
/// <param name="AtOnce">How many it does at once; null: that is the node's own affair.</param>
public sealed record NodeQueue(long NodeId, string Queue, int HandedOut, int? AtOnce);

/// <param name="Cron">Quartz's form, UTC; null: it does not run.</param>
/// <param name="Next">When it runs next.</param>
public sealed record DailyPlan(string Name, string? Cron, DateTimeOffset? Next);

/// <summary>What nodes have to do, and what the server gives them by itself.</summary>
internal sealed class NodeWork(IServiceScopeFactory scopes, Installation installation, ServerOptions options)
{
    public async Task<IReadOnlyList<NodeQueue>> QueuesAsync(Caller caller, CancellationToken cancel)
    {
        if (!caller.IsAdmin)
            throw Refusals.NotAllowed();
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        var work = await db.Transactions.Where(static t => t.State == StepState.Running || t.State == StepState.Undoing)
            .GroupBy(static t => new { t.NodeId, t.Queue }).Select(static g => new { g.Key.NodeId, g.Key.Queue, Count = g.Count() }).ToListAsync(cancel).ConfigureAwait(false);
        var nodes = await db.Nodes.OrderBy(static n => n.Id).Select(static n => n.Id).ToListAsync(cancel).ConfigureAwait(false);
        return
        [
            .. nodes.SelectMany(node => options.Queues.Select(q => q.Name).Union(work.Where(w => w.NodeId == node).Select(static w => w.Queue)).Select(queue => new NodeQueue(
                node, queue, work.Find(w => w.NodeId == node && w.Queue == queue)?.Count ?? 0,
                node == installation.NodeId ? options.Queues.FirstOrDefault(q => q.Name == queue)?.Concurrency : null))),
        ];
    }

    public IReadOnlyList<DailyPlan> Plans(DateTimeOffset now) =>
    [
        Plan("Snapshots of all datasets", options.Plans.Snapshots, now), Plan("Backups to all backup pools", options.Plans.Backups, now), Plan("Rotation of what has had its time", options.Plans.Rotation, now),
    ];

    private static DailyPlan Plan(string name, string? cron, DateTimeOffset now) =>
        new(name, cron, cron is null ? null : new CronExpression(cron, TimeZoneInfo.Utc).GetNextValidTimeAfter(now));
}
