namespace VpsAdmin.Server.Api;

/// <summary>What goes on in the background after a blocking action has answered (spec/haveapi 8).</summary>
/// <param name="Status">False when it has failed or is being undone.</param>
/// <param name="Current">How far it is, in units.</param>
/// <param name="Total">How far it has to go; 0: not known.</param>
public sealed record BackgroundAction(
    long Id, string Label, bool Finished, bool Status, long Current, long Total, string Unit, bool CanCancel, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>Who knows what goes on. Callers only ever see their own; nobody sees nothing.</summary>
public interface IActionStates
{
    /// <summary>Completes with the next change of this state. Taken before looking, so that no change is missed.</summary>
    Task NextChangeOf(long id);

    /// <summary>What has not finished, cut by <see cref="Pages"/>.</summary>
    Task<ActionReply<BackgroundAction>> PendingAsync(ActionContext context, bool newestFirst);

    /// <returns>Null when there is none for this caller.</returns>
    Task<BackgroundAction?> FindAsync(ActionContext context, long id);

    /// <returns>What the cancellation itself can be followed by; null: it is done.</returns>
    /// <exception cref="ActionRefusedException">It cannot be cancelled.</exception>
    Task<long?> CancelAsync(ActionContext context, long id);
}

/// <summary>The resource <c>action_state</c>, the same in every API that has blocking actions. Nobody has to log in, and who has not sees none.</summary>
public static class ActionStateResource
{
    internal const string Name = "action_state";
    private const double DefaultTimeout = 15;
    private const long LongestTimeout = 30;
    private const string NewestFirst = "newest";

    private static readonly OutputShape<BackgroundAction> Shape = new(static a => [a.Id],
    [
        new("id", ParameterType.Integer, "ID", static a => a.Id),
        new("label", ParameterType.String, "Label", static a => a.Label),
        new("finished", ParameterType.Boolean, "Finished", static a => a.Finished),
        new("status", ParameterType.Boolean, "Status", static a => a.Status) { Description = "False when it has failed or is being undone" },
        new("current", ParameterType.Integer, "Current progress", static a => a.Current),
        new("total", ParameterType.Integer, "Total", static a => a.Total),
        new("unit", ParameterType.String, "Unit", static a => a.Unit),
        new("can_cancel", ParameterType.Boolean, "Can cancel", static a => a.CanCancel),
        new("created_at", ParameterType.Datetime, "Created at", static a => a.CreatedAt),
        new("updated_at", ParameterType.Datetime, "Updated at", static a => a.UpdatedAt),
    ]);

    public static ApiResource Declare() => new(Name, "action_states", "Follow actions that go on in the background")
    {
        Actions =
        [
            new ApiAction<BackgroundAction>("index", "GET", "List actions that have not finished", Shape,
                static context => States(context).PendingAsync(context, context.Input.Text("order") == NewestFirst))
            {
                Aliases = ["list"], ReturnsList = true, PlainHash = true, RequiresLogin = false,
                Inputs = [.. Pages.Inputs(), new("order", ParameterType.String, "Order") { Choices = [NewestFirst, "oldest"], Default = NewestFirst }],
            },
            new ApiAction<BackgroundAction>("show", "GET", "Show the state of an action", Shape,
                static async context => new([await FindAsync(context).ConfigureAwait(false)]))
            {
                SubPath = "{action_state_id}", Aliases = ["find"], PlainHash = true, RequiresLogin = false,
            },
            new ApiAction<BackgroundAction>("poll", "GET", "Wait until an action has finished or changed", Shape, PollAsync)
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
            new ApiAction<object>("cancel", "POST", "Cancel an action", null, CancelAsync)
            {
                SubPath = "{action_state_id}/cancel", PlainHash = true, RequiresLogin = false, Blocking = true,
            },
        ],
    };

    private static IActionStates States(ActionContext context) => context.Services.GetRequiredService<IActionStates>();

    private static async Task<ActionReply<BackgroundAction>> PollAsync(ActionContext context)
    {
        var time = context.Services.GetRequiredService<TimeProvider>();
        var stopping = context.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(context.Cancel, stopping);
        var end = time.GetTimestamp() + (long)(context.Input.Float("timeout")!.Value * time.TimestampFrequency);
        while (true)
        {
            var change = States(context).NextChangeOf(context.PathIds[0]);
            var state = await FindAsync(context).ConfigureAwait(false);
            var left = time.GetElapsedTime(time.GetTimestamp(), end);
            if (state.Finished || left <= TimeSpan.Zero || stopping.IsCancellationRequested || IsNews(context, state))
                return new([state]);
            try
            {
                await change.WaitAsync(left, time, cancel.Token).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return new([state]);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested && !context.Cancel.IsCancellationRequested)
            {
                return new([state]);
            }
        }
    }

    private static bool IsNews(ActionContext context, BackgroundAction state) => context.Input.Float("update_in") is not null
        && (context.Input.Boolean("status") != state.Status || context.Input.Integer("current") != state.Current || context.Input.Integer("total") != state.Total);

    private static async Task<ActionReply<object>> CancelAsync(ActionContext context)
    {
        var state = await FindAsync(context).ConfigureAwait(false);
        return new([], await States(context).CancelAsync(context, state.Id).ConfigureAwait(false));
    }

    // The protocol's own words, with HTTP 200, unlike for other objects.
    private static async Task<BackgroundAction> FindAsync(ActionContext context) =>
        await States(context).FindAsync(context, context.PathIds[0]).ConfigureAwait(false) ?? throw ActionRefusedException.Refused("Action state not found");
}
