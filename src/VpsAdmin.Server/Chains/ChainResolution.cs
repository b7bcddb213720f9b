using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>Chains that do not come to an end by themselves, and are ended by an administrator who has looked.</summary>
internal sealed class ChainResolution(VpsAdminDb db, ChainSignals signals, TimeProvider time)
{
    /// <summary>
    /// Ends a chain that could not be undone, when an administrator has looked at what it left: what was done and not undone counts as done,
    /// all else as undone.
    /// </summary>
    /// <exception cref="ActionRefusedException">There is no such chain, or it is not fatal.</exception>
    public Task<TransactionChain> ResolveAsync(long chainId, CancellationToken cancel) => EndAsync(chainId, static chain => chain.State is ChainState.Fatal
        ? new(ChainState.Resolved, chain.Transactions.ConvertAll(static t => t.State), ChainOrder.Close)
        : throw ActionRefusedException.Refused("this transaction chain is not fatal"), cancel);

    /// <summary>The same of one that waits for a node which will not come back. Whatever that node tells later is a report that nobody waits for.</summary>
    /// <param name="nodeId">Of the node that is gone.</param>
    /// <exception cref="ActionRefusedException">There is no such chain, or it does not wait for the node.</exception>
    public Task<TransactionChain> AbandonAsync(long chainId, long nodeId, CancellationToken cancel) => EndAsync(chainId, chain =>
    {
        if (ChainMachine.Abandon(chain.State, chain.Steps()) is not { } move || chain.Transactions[move.Step] is var waiting && waiting.NodeId != nodeId)
            throw ActionRefusedException.Refused("this transaction chain does not wait for that node");
        waiting.Error = $"Node {nodeId} is gone: an administrator has ended the chain.";
        return move;
    }, cancel);

    private async Task<TransactionChain> EndAsync(long chainId, Func<TransactionChain, ChainMove> decide, CancellationToken cancel)
    {
        // The server may move it in this moment.
        var moving = await db.BeginMovingAsync(chainId, cancel).ConfigureAwait(false);
        await using var _ = moving.ConfigureAwait(false);
        var chain = await db.TransactionChains.Include(static c => c.User).Include(static c => c.Concerns).Include(static c => c.Transactions.OrderBy(static t => t.Position))
            .ThenInclude(static t => t.Confirmations).SingleOrDefaultAsync(c => c.Id == chainId, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        var move = decide(chain);
        await db.KeepWritersOutAsync(chain.DatasetId, cancel).ConfigureAwait(false);
        chain.Apply(move, time.GetUtcNow());
        await ChainClosing.CloseAsync(db, chain, cancel).ConfigureAwait(false);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        ChainNews[] news = [signals.News(ChainNewsKind.Changed, chainId), signals.News(ChainNewsKind.ExportEnded)];
        await db.TellServersAsync(chain.IsExport() ? news : news[..1], cancel).ConfigureAwait(false);
        await moving.CommitAsync(cancel).ConfigureAwait(false);
        signals.Changed(chainId);
        if (chain.IsExport())
            signals.ExportEnded();
        return chain;
    }
}
