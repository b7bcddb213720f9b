using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>What people are told of a step and the API tells administrators only.</summary>
public sealed record StepDetail(string Queue, StepFailure? Failure);

/// <summary>Where a chain is.</summary>
/// <param name="Name">Of the step, as the API names it.</param>
public sealed record CurrentStep(string Name, string Node, string Queue, StepFailure? Failure);

/// <summary>Looks into chains for whoever may see them.</summary>
internal sealed class ChainSteps(IServiceScopeFactory scopes)
{
    /// <returns>By id of the step.</returns>
    public async Task<IReadOnlyDictionary<long, StepDetail>> OfChainAsync(Caller caller, long chainId, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        return await Chains(scope, caller).Where(c => c.Id == chainId).SelectMany(static c => c.Transactions).Select(static t => new { t.Id, t.Queue, t.Error })
            .ToDictionaryAsync(static t => t.Id, t => new StepDetail(t.Queue, StepFailure.Of(t.Error, caller)), cancel).ConfigureAwait(false);
    }

    /// <returns>By id of the chain; a chain whose steps all are done is nowhere any more.</returns>
    public async Task<IReadOnlyDictionary<long, CurrentStep>> CurrentAsync(Caller caller, IReadOnlyCollection<long> chainIds, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var steps = await Chains(scope, caller).Where(c => chainIds.Contains(c.Id) && c.State != ChainState.Done).SelectMany(static c => c.Transactions)
            .Where(static t => t.State != StepState.Done)
            .Select(static t => new { t.ChainId, t.Position, t.State, t.Type, t.Queue, t.Error, Node = t.Node.DomainName }).ToListAsync(cancel).ConfigureAwait(false);
        return steps.GroupBy(static s => s.ChainId).Select(static g => g.OrderBy(static s => Rank(s.State, s.Error)).ThenBy(static s => s.Position).First())
            .ToDictionary(static s => s.ChainId, s => new CurrentStep(s.Type.ToString(), s.Node, s.Queue, StepFailure.Of(s.Error, caller)));
    }

    /// <summary>What is being done, else what went wrong, else what comes next.</summary>
    private static int Rank(StepState state, string? error) => (state, error) switch
    {
        (StepState.Running or StepState.Undoing, _) => 0,
        (_, not null) => 1,
        (StepState.Failed or StepState.UndoFailed, _) => 2,
        (StepState.Waiting, _) => 3,
        _ => 4,
    };

    private static IQueryable<TransactionChain> Chains(AsyncServiceScope scope, Caller caller) =>
        scope.ServiceProvider.GetRequiredService<VpsAdminDb>().TransactionChains.AsNoTracking().VisibleTo(caller);
}
