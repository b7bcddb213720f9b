using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

internal static class TransactionChainResource
{
    private const int DefaultLimit = 25;

    /// <summary>Values of <c>state</c>, in the order of <see cref="ChainState"/>.</summary>
    private static readonly IReadOnlyList<string> States = [.. Enum.GetNames<ChainState>().Select(static s => s.ToLowerInvariant())];

    private static readonly OutputShape<TransactionChain> Shape = new(static c => [c.Id],
    [
        new("id", ParameterType.Integer, "ID", static c => c.Id),
        new("name", ParameterType.String, "Name", static c => c.Name),
        new("label", ParameterType.String, "Label", static c => c.Label),
        new("state", ParameterType.String, "State", static c => States[(int)c.State]),
        new("size", ParameterType.Integer, "Size", static c => c.Size) { Description = "Number of transactions" },
        new("progress", ParameterType.Integer, "Progress", static c => c.Progress) { Description = "Transactions finished; goes down when they are undone" },
        new("user", ParameterType.Resource, "User", static c => new Association([c.UserId], c.User.Login))
        {
            Resource = ["user"], ValueLabel = "login", AdminOnly = true,
        },
        new("created_at", ParameterType.Datetime, "Created at", static c => c.CreatedAt),
    ]);

    public static ApiResource Declare() => new("transaction_chain", "transaction_chains", "What nodes do and have done")
    {
        Actions =
        [
            new ApiAction<TransactionChain>("index", "GET", "List transaction chains, newest first", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true,
                Inputs =
                [
                    .. Paging.Inputs(DefaultLimit),
                    new("name", ParameterType.String, "Name"),
                    new("state", ParameterType.String, "State") { Choices = States },
                    new("user", ParameterType.Resource, "User") { Resource = ["user"], ValueLabel = "login", AdminOnly = true },
                ],
            },
            new ApiAction<TransactionChain>("show", "GET", "Show a transaction chain", Shape,
                static context => context.ShowAsync(Chains(context).Where(c => c.Id == context.PathIds[0])))
            {
                SubPath = "{transaction_chain_id}", Aliases = ["find"],
            },
        ],
    };

    private static IQueryable<TransactionChain> Chains(ActionContext context) =>
        context.Database().TransactionChains.VisibleTo(context.Caller).Include(static c => c.User);

    private static Task<ActionReply<TransactionChain>> IndexAsync(ActionContext context)
    {
        var chains = Chains(context);
        if (context.Input.Text("name") is { } name)
            chains = chains.Where(c => c.Name == name);
        if (context.Input.Text("state") is { } stateName && (ChainState)States.ToList().IndexOf(stateName) is var state)
            chains = chains.Where(c => c.State == state);
        if (context.Input.Integer("user") is { } user)
            chains = chains.Where(c => c.UserId == user);
        return context.ListAsync(chains, static c => c.OrderByDescending(static c => c.CreatedAt).ThenByDescending(static c => c.Id), newestFirst: true);
    }
}
