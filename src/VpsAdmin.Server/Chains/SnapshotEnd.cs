using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>
/// A snapshot goes with the last of its copies, whichever chain destroys that. Two rotations of one dataset, where it is worked on and where its backups are, may come to their ends in any order, and each
/// may fail: when a chain is built nobody knows which of them will be the last. The same holds for a copy that a chain was to make, and has not.
/// </summary>
internal static class SnapshotEnd
{
    /// <returns>The snapshots which a chain was to destroy, or a copy of them, or of which it has not made a copy, with all their copies, so that each is settled without another query.</returns>
    public static async Task<IReadOnlyList<Snapshot>> LoadAsync(VpsAdminDb db, TransactionChain chain, CancellationToken cancel)
    {
        var changes = chain.Transactions.SelectMany(static t => t.Confirmations.Where(c => c.Kind is ConfirmationKind.Destroy || (c.Kind is ConfirmationKind.Create && !ChainMachine.Succeeded(t.State))))
            .ToLookup(static c => c.Entity, static c => c.RowId);
        var (ids, copies) = (changes[nameof(Snapshot)].ToList(), changes[nameof(SnapshotInPool)].ToList());
        return ids.Count + copies.Count == 0
            ? []
            : await db.Snapshots.Include(static s => s.InPools).Where(s => ids.Contains(s.Id) || s.InPools.Any(c => copies.Contains(c.Id))).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Behind what was decided about its copies.</summary>
    public static void Settle(VpsAdminDb db, Snapshot snapshot)
    {
        var left = snapshot.InPools.FindAll(c => db.Entry(c).State is not EntityState.Deleted);
        if (left.Count == 0)
            db.Remove(snapshot);
        else if (snapshot.Confirmed is Confirmed.Destroy && left.Exists(static c => c.Confirmed is not Confirmed.Destroy))
            snapshot.Confirmed = Confirmed.Yes;
    }
}
