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

    /// <summary>
    /// Ends a chain that could not be undone, when an administrator has looked at what it left: what was done and not undone counts as done,
    /// all else as undone.
    /// </summary>
    /// <exception cref="ActionRefusedException">There is no such chain, or it is not fatal.</exception>
    public static Task<TransactionChain> ResolveAsync(VpsAdminDb db, long chainId, DateTimeOffset now, CancellationToken cancel) =>
        EndAsync(db, chainId, now, static chain => chain.State is ChainState.Fatal
            ? new(ChainState.Resolved, chain.Transactions.ConvertAll(static t => t.State), ChainOrder.Close)
            : throw ActionRefusedException.Refused("this transaction chain is not fatal"), cancel);

    /// <summary>The same of one that waits for a node which will not come back. Whatever that node tells later is a report that nobody waits for.</summary>
    /// <param name="nodeId">Of the node that is gone.</param>
    /// <exception cref="ActionRefusedException">There is no such chain, or it does not wait for the node.</exception>
    public static Task<TransactionChain> AbandonAsync(VpsAdminDb db, long chainId, long nodeId, DateTimeOffset now, CancellationToken cancel) =>
        EndAsync(db, chainId, now, chain =>
        {
            if (ChainMachine.Abandon(chain.State, chain.Steps()) is not { } move || chain.Transactions[move.Step] is var waiting && waiting.NodeId != nodeId)
                throw ActionRefusedException.Refused("this transaction chain does not wait for that node");
            waiting.Error = $"Node {nodeId} is gone: an administrator has ended the chain.";
            return move;
        }, cancel);

    private static async Task<TransactionChain> EndAsync(VpsAdminDb db, long chainId, DateTimeOffset now, Func<TransactionChain, ChainMove> decide, CancellationToken cancel)
    {
        // The server may move it in this moment.
        var moving = await db.BeginMovingAsync(chainId, cancel).ConfigureAwait(false);
        await using var _ = moving.ConfigureAwait(false);
        var chain = await db.TransactionChains.Include(static c => c.User).Include(static c => c.Concerns).Include(static c => c.Transactions.OrderBy(static t => t.Position))
            .ThenInclude(static t => t.Confirmations).SingleOrDefaultAsync(c => c.Id == chainId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        var move = decide(chain);
        await db.KeepWritersOutAsync(chain.DatasetId, cancel).ConfigureAwait(false);
        foreach (var (transaction, state) in chain.Transactions.Zip(move.Steps))
            transaction.State = state;
        await CloseAsync(db, chain, cancel).ConfigureAwait(false);
        (chain.State, chain.UpdatedAt) = (move.State, now);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await moving.CommitAsync(cancel).ConfigureAwait(false);
        return chain;
    }
}
