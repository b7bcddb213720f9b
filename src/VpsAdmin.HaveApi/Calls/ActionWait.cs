using System.Globalization;
using System.Text.Json.Nodes;
using Polly;
using Polly.Retry;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

internal delegate Task<ActionResult> Call(
    string action, IReadOnlyList<string> ids, JsonObject? input, CallMeta? meta, TimeSpan extraTime, CancellationToken cancel);

/// <summary>Follows a background action with long polls.</summary>
internal sealed class ActionWait(HaveApiClient api, Call call, TimeProvider time, int retries)
{
    private const string Show = "action_state#show";
    private const string Poll = "action_state#poll";

    /// <summary>The server answers by then at the latest; it allows 30 s at most since HaveAPI 0.28.</summary>
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Seconds between the server's looks for a change.</summary>
    private const double UpdateIn = 3;

    /// <summary>A server that answers polls at once, with no news, is asked no faster than this.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly ResiliencePipeline _pipeline = retries == 0 ? ResiliencePipeline.Empty : BuildPipeline(time, retries);

    public async Task<ActionState> FollowAsync(long id, IProgress<ActionState>? progress, CancellationToken cancel)
    {
        var state = await AskAsync(Show, id, null, TimeSpan.Zero, cancel).ConfigureAwait(false);
        progress?.Report(state);
        while (!state.Finished)
        {
            var asked = time.GetTimestamp();
            var news = await AskAsync(Poll, id, PollInput(state), PollTimeout, cancel).ConfigureAwait(false);
            if (news == state)
            {
                var early = Pace - time.GetElapsedTime(asked);
                if (early > TimeSpan.Zero)
                    await Task.Delay(early, time, cancel).ConfigureAwait(false);
                continue;
            }
            state = news;
            progress?.Report(state);
        }
        return state;
    }

    public static ActionState Read(JsonObject json)
    {
        var reader = new ObjectReader("action_state", json);
        return new ActionState(
            reader.Id("id"),
            reader.OptionalText("label", 1024),
            reader.Boolean("finished"),
            reader.Boolean("status"),
            reader.OptionalInteger("current", 0, long.MaxValue) ?? 0,
            reader.OptionalInteger("total", 0, long.MaxValue) ?? 0,
            reader.OptionalText("unit", 255),
            reader.OptionalBoolean("can_cancel") ?? false);
    }

    private async Task<ActionState> AskAsync(string action, long id, JsonObject? input, TimeSpan extraTime, CancellationToken cancel)
    {
        var result = await _pipeline.ExecuteAsync(
            async c => await call(action, PathIds.Text([id]), input, null, extraTime, c).ConfigureAwait(false), cancel).ConfigureAwait(false);
        var state = Read(result.Object);
        return state.Id == id
            ? state
            : throw new ObjectReader("action_state", result.Object).Wrong("id", string.Create(CultureInfo.InvariantCulture, $"{id}, which was asked for"));
    }

    /// <summary>
    /// Without the last status, current and total the server takes any state for news and answers at once: all four or, on a server that lacks
    /// one of them, none.
    /// </summary>
    private JsonObject PollInput(ActionState state)
    {
        var input = new JsonObject();
        if (Takes("timeout"))
            input["timeout"] = PollTimeout.TotalSeconds;
        if (!Takes("update_in") || !Takes("status") || !Takes("current") || !Takes("total"))
            return input;
        input["update_in"] = UpdateIn;
        input["status"] = state.Status;
        input["current"] = state.Current;
        input["total"] = state.Total;
        return input;
    }

    private bool Takes(string parameter) => api.FindParameter(Poll, parameter) is not null;

    private static ResiliencePipeline BuildPipeline(TimeProvider time, int retries) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is ApiUnreachableException || args.Outcome.Exception is ActionFailedException { IsTransient: true }),
            MaxRetryAttempts = retries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(1),
            MaxDelay = TimeSpan.FromMinutes(1),
            DelayGenerator = static args => ValueTask.FromResult(args.Outcome.Exception switch
            {
                ApiUnreachableException e => e.RetryAfter,
                ActionFailedException e => e.RetryAfter,
                _ => null,
            }),
        })
        .Build();
}
