using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

/// <summary>
/// Transaction chains as clients follow them; the ids are the same. As in vpsAdmin nobody has to log in, and who has not sees no chain.
/// </summary>
internal static class ActionStateResource
{
    private const double DefaultTimeout = 15;
    private const long LongestTimeout = 30;
    private const string NewestFirst = "newest";

    private static readonly OutputShape<TransactionChain> Shape = new(static c => [c.Id],
    [
        new("id", ParameterType.Integer, "ID", static c => c.Id),
        new("label", ParameterType.String, "Label", static c => c.Label),
        new("finished", ParameterType.Boolean, "Finished", static c => ChainMachine.IsFinished(c.State)),
        new("status", ParameterType.Boolean, "Status", static c => ChainMachine.IsGood(c.State)) { Description = "False when it has failed or is being undone" },
        new("current", ParameterType.Integer, "Current progress", static c => c.Progress),
        new("total", ParameterType.Integer, "Total", static c => c.Size),
        new("unit", ParameterType.String, "Unit", static _ => "transactions"),
        new("can_cancel", ParameterType.Boolean, "Can cancel", static _ => false),
        new("created_at", ParameterType.Datetime, "Created at", static c => c.CreatedAt),
        new("updated_at", ParameterType.Datetime, "Updated at", static c => c.UpdatedAt),
    ]);

    public static ApiResource Declare() => new("action_state", "action_states", "Follow actions that go on in the background")
    {
        Actions =
        [
            new ApiAction<TransactionChain>("index", "GET", "List actions that have not finished", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true, PlainHash = true, RequiresLogin = false,
                Inputs = [.. Paging.Inputs(), new("order", ParameterType.String, "Order") { Choices = [NewestFirst, "oldest"], Default = NewestFirst }],
            },
            new ApiAction<TransactionChain>("show", "GET", "Show the state of an action", Shape,
                static async context => new([await FindAsync(context).ConfigureAwait(false)]))
            {
                SubPath = "{action_state_id}", Aliases = ["find"], PlainHash = true, RequiresLogin = false,
            },
            new ApiAction<TransactionChain>("poll", "GET", "Wait until an action has finished or changed", Shape, PollAsync)
            {
                SubPath = "{action_state_id}/poll", PlainHash = true, RequiresLogin = false,
                Inputs =
                [
                    new("timeout", ParameterType.Float, "Timeout") { Description = "Seconds after which the state is returned anyway", Default = DefaultTimeout, Min = 0, Max = LongestTimeout },
                    new("update_in", ParameterType.Float, "Update in") { Nullable = true, Description = "Return as soon as the state differs from status, current and total" },
                    new("status", ParameterType.Boolean, "Status") { Nullable = true, Description = "As the client knows it" },
                    new("current", ParameterType.Integer, "Current progress") { Nullable = true, Description = "As the client knows it" },
                    new("total", ParameterType.Integer, "Total") { Nullable = true, Description = "As the client knows it" },
                ],
            },
        ],
    };

    private static IQueryable<TransactionChain> Chains(ActionContext context) => context.CallerIfAny is { } caller
        ? context.Database().TransactionChains.VisibleTo(caller)
        : context.Database().TransactionChains.Where(static _ => false);

    private static Task<ActionReply<TransactionChain>> IndexAsync(ActionContext context)
    {
        var newestFirst = context.Input.Text("order") == NewestFirst;
        var pending = Chains(context)
            .Where(static c => c.State == ChainState.Staged || c.State == ChainState.Queued || c.State == ChainState.Rollbacking);
        return context.ListAsync(pending, c => newestFirst ? c.OrderByDescending(static c => c.Id) : c.OrderBy(static c => c.Id), newestFirst);
    }

    private static async Task<ActionReply<TransactionChain>> PollAsync(ActionContext context)
    {
        var signals = context.Services.GetRequiredService<ChainSignals>();
        var time = context.Services.GetRequiredService<TimeProvider>();
        var stopping = context.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(context.Cancel, stopping);
        var end = time.GetTimestamp() + (long)(context.Input.Float("timeout")!.Value * time.TimestampFrequency);
        while (true)
        {
            var change = signals.NextChange;
            var chain = await FindAsync(context).ConfigureAwait(false);
            var left = time.GetElapsedTime(time.GetTimestamp(), end);
            if (ChainMachine.IsFinished(chain.State) || left <= TimeSpan.Zero || stopping.IsCancellationRequested || IsNews(context, chain))
                return new([chain]);
            try
            {
                await change.WaitAsync(left, time, cancel.Token).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return new([chain]);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested && !context.Cancel.IsCancellationRequested)
            {
                return new([chain]);
            }
        }
    }

    private static bool IsNews(ActionContext context, TransactionChain chain) => context.Input.Float("update_in") is not null
        && (context.Input.Boolean("status") != ChainMachine.IsGood(chain.State)
            || context.Input.Integer("current") != chain.Progress
            || context.Input.Integer("total") != chain.Size);

    // The protocol's own words, with HTTP 200, unlike for other objects.
    private static async Task<TransactionChain> FindAsync(ActionContext context) =>
        await Chains(context).AsNoTracking()
            .SingleOrDefaultAsync(c => c.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false)
        ?? throw ActionRefusedException.Refused("Action state not found");
}
