using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>The chain that keeps a row.</summary>
internal sealed record LockOwner(long ChainId, string Label)
{
    /// <returns>Null: nobody keeps it.</returns>
    public static Task<LockOwner?> FindAsync<T>(VpsAdminDb db, long rowId, CancellationToken cancel) where T : class
    {
        var resource = typeof(T).Name;
        return db.ResourceLocks.Where(l => l.Resource == resource && l.RowId == rowId).Select(static l => new LockOwner(l.ChainId, l.Chain.Label)).SingleOrDefaultAsync(cancel);
    }
}
