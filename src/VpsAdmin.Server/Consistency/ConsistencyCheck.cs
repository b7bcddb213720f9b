using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Consistency;

/// <summary>Whether the database and the pools of this machine agree. Changes nothing.</summary>
/// <param name="dataDirectory">Of the server.</param>
/// <param name="readPool">Reads what is on the filesystem of a pool (<see cref="PoolReader"/>).</param>
internal sealed class ConsistencyCheck(VpsAdminDb db, string dataDirectory, Func<string, CancellationToken, Task<PoolContent>> readPool)
{
    /// <param name="everyNode">The pools of the other nodes are on this machine too; false: only those of the server's own node are looked at.</param>
    public async Task<IReadOnlyList<Finding>> RunAsync(bool everyNode, CancellationToken cancel)
    {
        var findings = new List<Finding>(await new RowsCheck(db).RunAsync(cancel).ConfigureAwait(false));
        var own = Installation.OwnNode(await db.Nodes.ToListAsync(cancel).ConfigureAwait(false), dataDirectory);
        var pools = await db.Pools.AsNoTracking().Where(p => everyNode || p.NodeId == own.Id).OrderBy(static p => p.Id).ToListAsync(cancel).ConfigureAwait(false);
        if (pools.Count == 0)
            findings.Add(NothingCompared(own, everyNode));
        foreach (var pool in pools)
            findings.AddRange(await SecondLook.ConfirmAsync(() => LookAsync(pool, cancel)).ConfigureAwait(false));
        return findings;
    }

    private async Task<IReadOnlyList<Finding>> LookAsync(Pool pool, CancellationToken cancel)
    {
        try
        {
            var rows = await new DatabaseReader(db).ReadAsync(pool, cancel).ConfigureAwait(false);
            return [.. PoolComparison.Compare(rows, await readPool(pool.Filesystem, cancel).ConfigureAwait(false))];
        }
        catch (Exception e) when (e is ZfsException or TransactionException or IOException or UnauthorizedAccessException)
        {
            return [new(FindingKind.PoolMissing, pool.Filesystem, $"{pool.Filesystem} cannot be looked at: {e.Message}")];
        }
    }

    /// <summary>Silence would be taken for agreement.</summary>
    private static Finding NothingCompared(Data.Node own, bool everyNode) => new(FindingKind.NothingCompared, own.DomainName, everyNode
        ? "The database has no pools: nothing was compared with what is on disk."
        : $"Node {own.DomainName}, which is in the server, has no pools: nothing was compared with what is on disk. Where the pools of the other nodes are on this machine, ask for those of every node.");
}
