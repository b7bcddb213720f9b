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
        var pending = Chains(context.CallerIfAny).Include(static c => c.Transactions)
            .Where(static c => c.State == ChainState.Staged || c.State == ChainState.Queued || c.State == ChainState.Rollbacking);
        var listed = await context
            .ListAsync(pending, c => newestFirst ? c.OrderByDescending(static c => c.Id) : c.OrderBy(static c => c.Id), newestFirst).ConfigureAwait(false);
        return listed.Select(static c => Read(c.Id, c.Label, c.State, c.Progress, c.Size, c.Steps(), c.CreatedAt, c.UpdatedAt));
    }

    /// <remarks>Thousands of clients ask for it: one query, without what the work is given and has given. Only what runs decides whether a chain can be called off.</remarks>
    public async Task<BackgroundAction?> FindAsync(ActionContext context, long id)
    {
        var found = await Chains(context.CallerIfAny).Where(c => c.Id == id).Select(static c => new
        {
            Chain = new { c.Label, c.State, c.Progress, c.Size, c.CreatedAt, c.UpdatedAt },
            Running = c.Transactions.Where(static t => t.State == StepState.Running).Select(static t => new { t.Type, t.OnFailure }).ToList(),
        }).AsSingleQuery().SingleOrDefaultAsync(context.Cancel).ConfigureAwait(false);
        if (found is not { Chain: var chain })
            return null;
        var running = found.Running.ConvertAll(static t => new ChainStep(StepState.Running, t.OnFailure, TransactionTraits.Of(t.Type).CanInterrupt));
        return Read(id, chain.Label, chain.State, chain.Progress, chain.Size, running, chain.CreatedAt, chain.UpdatedAt);
    }

    public async Task<long?> CancelAsync(ActionContext context, long id)
    {
        log.LogInformation("Chain {Chain} is called off by {Login}", id, context.Caller.Login);
        await engine.CancelAsync(id).ConfigureAwait(false);

        // It is called off; that it has gone back is told by its own state, to whoever follows it.
        return null;
    }

    private IQueryable<TransactionChain> Chains(Caller? caller) =>
        caller is null ? db.TransactionChains.Where(static _ => false) : db.TransactionChains.VisibleTo(caller);

    private static BackgroundAction Read(long id, string label, ChainState state, int progress, int size, IReadOnlyList<ChainStep> steps, DateTimeOffset created, DateTimeOffset updated) => new(
        id, label, ChainMachine.IsFinished(state), ChainMachine.IsGood(state), progress, size, "transactions", ChainMachine.CanCancel(state, steps), created, updated);
}
