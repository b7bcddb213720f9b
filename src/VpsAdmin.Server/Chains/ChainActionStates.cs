using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Chains;

/// <summary>Transaction chains as clients follow them; the ids are the same.</summary>
internal sealed class ChainActionStates(VpsAdminDb db, ChainSignals signals, ChainEngine engine, ILogger<ChainActionStates> log) : IActionStates
{
    public Task NextChangeOf(long id) => signals.NextChangeOf(id);

    public async Task<ActionReply<BackgroundAction>> PendingAsync(ActionContext context, bool newestFirst)
    {
        var pending = Chains(context.CallerIfAny)
            .Where(static c => c.State == ChainState.Staged || c.State == ChainState.Queued || c.State == ChainState.Rollbacking);
        var listed = await context
            .ListAsync(pending, c => newestFirst ? c.OrderByDescending(static c => c.Id) : c.OrderBy(static c => c.Id), newestFirst).ConfigureAwait(false);
        return listed.Select(Read);
    }

    public async Task<BackgroundAction?> FindAsync(ActionContext context, long id) =>
        await Chains(context.CallerIfAny).AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, context.Cancel).ConfigureAwait(false) is { } chain ? Read(chain) : null;

    public async Task<long?> CancelAsync(ActionContext context, long id)
    {
        log.LogInformation("Chain {Chain} is called off by {Login}", id, context.Caller.Login);
        await engine.CancelAsync(id).ConfigureAwait(false);

        // It is called off; that it has gone back is told by its own state, to whoever follows it.
        return null;
    }

    private IQueryable<TransactionChain> Chains(Caller? caller) =>
        caller is null ? db.TransactionChains.Where(static _ => false) : db.TransactionChains.VisibleTo(caller).Include(static c => c.Transactions);

    private static BackgroundAction Read(TransactionChain chain) => new(
        chain.Id, chain.Label, ChainMachine.IsFinished(chain.State), ChainMachine.IsGood(chain.State), chain.Progress, chain.Size, "transactions",
        ChainMachine.CanCancel(chain.State, chain.Steps()), chain.CreatedAt, chain.UpdatedAt);
}
