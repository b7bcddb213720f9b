using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

internal static class TransactionResource
{
    private const int DefaultLimit = 25;
    private static readonly IReadOnlyList<string> Ends = ["waiting", "done", "rolledback"];

    private static readonly OutputShape<Transaction> Shape = new(static t => [t.Id],
    [
        new("id", ParameterType.Integer, "ID", static t => t.Id),
        new("transaction_chain", ParameterType.Resource, "Transaction chain", static t => new Association([t.ChainId], t.Chain.Label))
        {
            Resource = ["transaction_chain"], ValueLabel = "label",
        },
        new("node", ParameterType.Resource, "Node", static t => new Association([t.NodeId], t.Node.DomainName)) { Resource = ["node"], ValueLabel = "domain_name" },
        new("user", ParameterType.Resource, "User", static t => new Association([t.Chain.UserId], t.Chain.User.Login))
        {
            Resource = ["user"], ValueLabel = "login", AdminOnly = true,
        },
        new("type", ParameterType.Integer, "Type", static t => (int)t.Type) { AdminOnly = true },
        new("name", ParameterType.String, "Name", static t => t.Type.ToString()),
        new("queue", ParameterType.String, "Queue", static t => t.Queue) { AdminOnly = true },
        new("success", ParameterType.Boolean, "Success", static t => t.State is StepState.Done),
        new("done", ParameterType.String, "Done", static t => Ends[End(t.State)]),
        new("started_at", ParameterType.Datetime, "Started at", static t => t.StartedAt),
        new("finished_at", ParameterType.Datetime, "Finished at", static t => t.FinishedAt),
        new("sent_bytes", ParameterType.Integer, "Sent bytes", static t => t.SentBytes) { Description = "So far, of a transfer to another node" },
        new("input", ParameterType.Custom, "Input", static t => JsonNode.Parse(t.Input)) { AdminOnly = true },
        new("output", ParameterType.Custom, "Output", static t => t.Output is null ? null : JsonNode.Parse(t.Output)) { AdminOnly = true },
        new("error", ParameterType.Text, "Error", static t => t.Error) { AdminOnly = true, Description = "What the node said" },
    ]);

    public static ApiResource Declare() => new("transaction", "transactions", "Pieces of work of transaction chains")
    {
        Actions =
        [
            new ApiAction<Transaction>("index", "GET", "List transactions, newest first", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true,
                Inputs =
                [
                    .. Paging.Inputs(DefaultLimit),
                    new("transaction_chain", ParameterType.Resource, "Transaction chain") { Resource = ["transaction_chain"], ValueLabel = "label" },
                    new("node", ParameterType.Resource, "Node") { Resource = ["node"], ValueLabel = "domain_name" },
                    new("type", ParameterType.Integer, "Type") { AdminOnly = true },
                    new("success", ParameterType.Boolean, "Success"),
                    new("done", ParameterType.String, "Done") { Choices = Ends },
                ],
            },
            new ApiAction<Transaction>("show", "GET", "Show a transaction", Shape,
                static context => context.ShowAsync(Transactions(context).Where(t => t.Id == context.PathIds[0])))
            {
                SubPath = "{transaction_id}", Aliases = ["find"],
            },
        ],
    };

    private static IQueryable<Transaction> Transactions(ActionContext context) => context.Database().Transactions
        .Where(t => context.Caller.IsAdmin || t.Chain.UserId == context.Caller.UserId)
        .Include(static t => t.Chain).ThenInclude(static c => c.User).Include(static t => t.Node);

    private static Task<ActionReply<Transaction>> IndexAsync(ActionContext context)
    {
        var transactions = Transactions(context);
        if (context.Input.Integer("transaction_chain") is { } chain)
            transactions = transactions.Where(t => t.ChainId == chain);
        if (context.Input.Integer("node") is { } node)
            transactions = transactions.Where(t => t.NodeId == node);
        if (context.Input.Integer("type") is { } type)
            transactions = transactions.Where(t => t.Type == (TransactionType)type);
        if (context.Input.Boolean("success") is { } success)
            transactions = transactions.Where(t => t.State == StepState.Done == success);
        if (context.Input.Text("done") is { } done)
        {
            var states = Enum.GetValues<StepState>().Where(s => Ends[End(s)] == done).ToList();
            transactions = transactions.Where(t => states.Contains(t.State));
        }
        return context.ListAsync(transactions, static t => t.OrderByDescending(static t => t.Id), newestFirst: true);
    }

    private static int End(StepState state) => state switch
    {
        StepState.Waiting or StepState.Running => 0,
        StepState.Done or StepState.Failed => 1,
        _ => 2,
    };
}
