using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Chains;

/// <summary>The end of chains: confirmations are carried out and locks released. Saving is the caller's, so that all happens or nothing.</summary>
internal static class ChainClosing
{
    public static async Task CloseAsync(VpsAdminDb db, TransactionChain chain, CancellationToken cancel)
    {
        await ConfirmationRun.LoadAsync(db, chain.Transactions.SelectMany(static t => t.Confirmations), cancel).ConfigureAwait(false);
        var snapshots = await SnapshotEnd.LoadAsync(db, chain, cancel).ConfigureAwait(false);
        var gone = await HalfDestroyed.FindAsync(db, chain, cancel).ConfigureAwait(false);
        // What was done takes effect in its order; what was not is taken back in reverse, as an edit may be on top of another.
        var (done, undone) = (chain.Transactions.Where(static t => ChainMachine.Succeeded(t.State)), chain.Transactions.Where(static t => !ChainMachine.Succeeded(t.State)));
        foreach (var confirmation in done.SelectMany(static t => t.Confirmations.OrderBy(static c => c.Id)))
            await ConfirmationRun.ApplyAsync(db, confirmation, success: true, cancel).ConfigureAwait(false);
        foreach (var confirmation in undone.Reverse().SelectMany(static t => t.Confirmations.OrderByDescending(static c => c.Id)))
            await ConfirmationRun.ApplyAsync(db, confirmation, success: gone.Contains(confirmation.Id), cancel).ConfigureAwait(false);
        foreach (var snapshot in snapshots)
            SnapshotEnd.Settle(db, snapshot);
        await VpsChange.SettleAsync(db, chain.Id, cancel).ConfigureAwait(false);
        foreach (var transaction in chain.Transactions)
            transaction.Secret = null;
        await db.ResourceLocks.Where(l => l.ChainId == chain.Id).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
    }
}
