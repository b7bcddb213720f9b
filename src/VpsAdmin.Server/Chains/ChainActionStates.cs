using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Chains;

/// <summary>Transaction chains as clients follow them; the ids are the same.</summary>
internal sealed class ChainActionStates(VpsAdminDb db, ChainSignals signals) : IActionStates
{
    public Task NextChange => signals.NextChange;

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

    // What a node has begun it finishes: a half-sent stream helps nobody, and what is done is undone only when something fails.
    public Task<long?> CancelAsync(ActionContext context, long id) => throw ActionRefusedException.Refused("this action cannot be cancelled");

    private IQueryable<TransactionChain> Chains(Caller? caller) =>
        caller is null ? db.TransactionChains.Where(static _ => false) : db.TransactionChains.VisibleTo(caller);

    private static BackgroundAction Read(TransactionChain chain) => new(
        chain.Id, chain.Label, ChainMachine.IsFinished(chain.State), ChainMachine.IsGood(chain.State), chain.Progress, chain.Size, "transactions",
        CanCancel: false, chain.CreatedAt, chain.UpdatedAt);
}
