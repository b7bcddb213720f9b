using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Consistency;

/// <summary>Whether the database and the pools of this machine agree. Changes nothing.</summary>
internal sealed class ConsistencyCheck(VpsAdminDb db, ZfsHost zfs)
{
    /// <param name="everyNode">The pools of the other nodes are on this machine too; false: only those of the server's own node are looked at.</param>
    public async Task<IReadOnlyList<Finding>> RunAsync(bool everyNode, CancellationToken cancel)
    {
        var findings = new List<Finding>(await new RowsCheck(db).RunAsync(cancel).ConfigureAwait(false));
        var own = await db.Nodes.MinAsync(static n => n.Id, cancel).ConfigureAwait(false);
        foreach (var pool in await db.Pools.Where(p => everyNode || p.NodeId == own).OrderBy(static p => p.Id).ToListAsync(cancel).ConfigureAwait(false))
        {
            try
            {
                // The database first: what is made in between is reported as unknown and not as missing.
                var rows = await new DatabaseReader(db).ReadAsync(pool, cancel).ConfigureAwait(false);
                findings.AddRange(PoolComparison.Compare(rows, await new PoolReader(zfs).ReadAsync(pool.Filesystem, cancel).ConfigureAwait(false)));
            }
            catch (Exception e) when (e is ZfsException or TransactionException or IOException or UnauthorizedAccessException)
            {
                findings.Add(new(FindingKind.PoolMissing, pool.Filesystem, $"{pool.Filesystem} cannot be looked at: {e.Message}"));
            }
        }
        return findings;
    }
}
