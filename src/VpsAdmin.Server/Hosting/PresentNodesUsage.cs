using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using NATS.Client.Core;
using VpsAdmin.Nats;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary>What pools occupy on nodes of their own, as they told the broker last.</summary>
internal sealed class PresentNodesUsage(NodePresence presence, IServiceScopeFactory scopes, Installation installation, TimeProvider time, ILogger<PresentNodesUsage> log) : INodeUsage
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>How many nodes are looked up at once.</summary>
    private const int AtOnce = 16;

    /// <summary>By node.</summary>
    private readonly ConcurrentDictionary<long, (long Asked, NodeStatus? Told)> _known = [];

    public async Task<IReadOnlyList<FarPool>> GetAsync(IReadOnlySet<long>? pools, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var far = scope.ServiceProvider.GetRequiredService<VpsAdminDb>().Pools.Where(p => p.NodeId != installation.NodeId);
        if (pools?.ToList() is { } ids)
            far = far.Where(p => ids.Contains(p.Id));
        var wanted = await far.Select(static p => new { p.Id, p.NodeId, p.Filesystem, p.Role }).ToListAsync(cancel).ConfigureAwait(false);
        var found = new ConcurrentBag<FarPool>();
        await Parallel.ForEachAsync(wanted.GroupBy(static p => p.NodeId), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (node, token) =>
        {
            var told = (await StatusAsync(node.Key, token).ConfigureAwait(false))?.Pools ?? [];
            foreach (var pool in node.Join(told, static p => p.Filesystem, static t => t.Filesystem, static (p, t) => new FarPool(p.Id, p.Role, t)))
                found.Add(pool);
        }).ConfigureAwait(false);
        return [.. found];
    }

    private async Task<NodeStatus?> StatusAsync(long nodeId, CancellationToken cancel)
    {
        if (_known.TryGetValue(nodeId, out var known) && time.GetElapsedTime(known.Asked) < Fresh)
            return known.Told;
        try
        {
            var told = await presence.FindAsync(nodeId, cancel).ConfigureAwait(false);
            _known[nodeId] = (time.GetTimestamp(), told);
            return told;
        }
        catch (NatsException e)
        {
            log.LogWarning("What pools of node {Node} occupy is not known: {Reason}", nodeId, e.Message);
            return null;
        }
    }
}
