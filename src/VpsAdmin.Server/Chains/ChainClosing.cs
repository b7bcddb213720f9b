using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Chains;

/// <summary>The end of chains: confirmations are carried out and locks released. Saving is the caller's, so that all happens or nothing.</summary>
internal static class ChainClosing
{
    public static async Task CloseAsync(VpsAdminDb db, TransactionChain chain, CancellationToken cancel)
    {
        // What was done takes effect in its order; what was not is taken back in reverse, as an edit may be on top of another.
        var (done, undone) = (chain.Transactions.Where(static t => ChainMachine.Succeeded(t.State)), chain.Transactions.Where(static t => !ChainMachine.Succeeded(t.State)));
        foreach (var confirmation in done.SelectMany(static t => t.Confirmations.OrderBy(static c => c.Id)))
            await ConfirmationRun.ApplyAsync(db, confirmation, success: true, cancel).ConfigureAwait(false);
        foreach (var confirmation in undone.Reverse().SelectMany(static t => t.Confirmations.OrderByDescending(static c => c.Id)))
            await ConfirmationRun.ApplyAsync(db, confirmation, success: false, cancel).ConfigureAwait(false);
        await VpsChange.SettleAsync(db, chain.Id, cancel).ConfigureAwait(false);
        foreach (var transaction in chain.Transactions)
            transaction.Secret = null;
        db.ResourceLocks.RemoveRange(await db.ResourceLocks.Where(l => l.ChainId == chain.Id).ToListAsync(cancel).ConfigureAwait(false));
    }

    /// <summary>
    /// Ends a chain that could not be undone, when an administrator has looked at what it left: what was done and not undone counts as done,
    /// all else as undone.
    /// </summary>
    /// <exception cref="ActionRefusedException">There is no such chain, or it is not fatal.</exception>
    public static async Task<TransactionChain> ResolveAsync(VpsAdminDb db, long chainId, DateTimeOffset now, CancellationToken cancel)
    {
        var databaseTransaction = await db.BeginWritingAsync(cancel).ConfigureAwait(false);
        await using var _ = databaseTransaction.ConfigureAwait(false);
        var chain = await db.TransactionChains.Include(static c => c.User).Include(static c => c.Concerns).Include(static c => c.Transactions.OrderBy(static t => t.Position))
            .ThenInclude(static t => t.Confirmations).SingleOrDefaultAsync(c => c.Id == chainId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        if (chain.State is not ChainState.Fatal)
            throw ActionRefusedException.Refused("this transaction chain is not fatal");
        await CloseAsync(db, chain, cancel).ConfigureAwait(false);
        (chain.State, chain.UpdatedAt) = (ChainState.Resolved, now);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await databaseTransaction.CommitAsync(cancel).ConfigureAwait(false);
        return chain;
    }
}
