using System.Text.Json.Nodes;
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
        new("concerns", ParameterType.Custom, "Concerns", Concerns) { Description = "Objects that it is about: {type, objects: [[class name, row id], ...]}" },
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
                    new("user_session", ParameterType.Resource, "User session") { Resource = ["user_session"], ValueLabel = "label", Description = "Chains that were asked for in this login" },
                    new("class_name", ParameterType.String, "Class name") { Description = "Chains that concern objects of this class, such as Snapshot" },
                    new("row_id", ParameterType.Integer, "Row ID") { Description = "Chains that concern the object with this ID" },
                ],
                Examples =
                [
                    new("What was done to a snapshot")
                    {
                        Request = new JsonObject { ["class_name"] = "Snapshot", ["row_id"] = 71 },
                        Response = new JsonArray(new JsonObject { ["id"] = 204, ["name"] = "full_download", ["state"] = "done", ["size"] = 1, ["progress"] = 1 }),
                    },
                ],
            },
            new ApiAction<TransactionChain>("show", "GET", "Show a transaction chain", Shape,
                static context => context.ShowAsync(Chains(context).Where(c => c.Id == context.PathIds[0])))
            {
                SubPath = "{transaction_chain_id}", Aliases = ["find"],
            },
            new ApiAction<TransactionChain>("resolve", "POST",
                "End a fatal chain whose remains were looked at: what it did and did not undo counts as done, and its locks are released", Shape, ResolveAsync)
            {
                SubPath = "{transaction_chain_id}/resolve", AdminOnly = true,
            },
        ],
    };

    private static IQueryable<TransactionChain> Chains(ActionContext context) =>
        context.Database().TransactionChains.VisibleTo(context.Caller).Include(static c => c.User).Include(static c => c.Concerns);

    private static JsonObject Concerns(TransactionChain chain) => new()
    {
        ["type"] = chain.ConcernType is ConcernType.Affect ? "affect" : "transform",
        ["objects"] = new JsonArray([.. chain.Concerns.Select(static c => new JsonArray(c.ClassName, c.RowId))]),
    };

    private static async Task<ActionReply<TransactionChain>> ResolveAsync(ActionContext context) =>
        new([await context.Services.GetRequiredService<ChainResolution>().ResolveAsync(context.PathIds[0], context.Cancel).ConfigureAwait(false)]);

    private static Task<ActionReply<TransactionChain>> IndexAsync(ActionContext context)
    {
        var chains = Chains(context);
        if (context.Input.Text("name") is { } name)
            chains = chains.Where(c => c.Name == name);
        if (context.Input.Text("state") is { } stateName && (ChainState)States.ToList().IndexOf(stateName) is var state)
            chains = chains.Where(c => c.State == state);
        if (context.Input.Integer("user") is { } user)
            chains = chains.Where(c => c.UserId == user);
        if (context.Input.Integer("user_session") is { } session)
            chains = chains.Where(c => c.SessionId == session);
        // By its id among theirs and not by a join, which made the order's id ambiguous (V25) and would list a chain twice. Nor by existence, for which SQLite looks at one chain after another.
        var (className, rowId) = (context.Input.Text("class_name"), context.Input.Integer("row_id"));
        if (className is not null || rowId is not null)
        {
            var concerns = context.Database().ChainConcerns.Where(o => (className == null || o.ClassName == className) && (rowId == null || o.RowId == rowId));
            chains = chains.Where(c => concerns.Select(static o => o.ChainId).Contains(c.Id));
        }
        return context.ListAsync(chains, static c => c.OrderByDescending(static c => c.CreatedAt).ThenByDescending(static c => c.Id), newestFirst: true);
    }
}
