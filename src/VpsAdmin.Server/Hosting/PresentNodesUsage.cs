using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary>What pools occupy on nodes of their own, as they told the broker last.</summary>
internal sealed class PresentNodesUsage(PresentNodes nodes, IServiceScopeFactory scopes, Installation installation) : INodeUsage
{
    /// <summary>How many nodes are looked up at once.</summary>
    private const int AtOnce = 16;

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
            var told = (await nodes.FindAsync(node.Key, token).ConfigureAwait(false))?.Pools ?? [];
            foreach (var pool in node.Join(told, static p => p.Filesystem, static t => t.Filesystem, static (p, t) => new FarPool(p.Id, p.Role, t)))
                found.Add(pool);
        }).ConfigureAwait(false);
        return [.. found];
    }
}
