using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

internal delegate Task<ActionResult> Call(
    string action, IReadOnlyList<long> ids, JsonObject? input, CallMeta? meta, TimeSpan extraTime, CancellationToken cancel);

/// <summary>Follows a background action with long polls.</summary>
internal sealed class ActionWait(Call call, TimeProvider time)
{
    /// <summary>The server answers by then at the latest; it allows 30 s at most since HaveAPI 0.28.</summary>
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Seconds between the server's looks for a change.</summary>
    private const double UpdateIn = 3;

    /// <summary>A server that answers polls at once, with no news, is asked no faster than this.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    public async Task<ActionState> FollowAsync(long id, IProgress<ActionState>? progress, CancellationToken cancel)
    {
        var state = Read(id, await call("action_state#show", [id], null, null, TimeSpan.Zero, cancel).ConfigureAwait(false));
        progress?.Report(state);
        while (!state.Finished)
        {
            var asked = time.GetTimestamp();
            var news = Read(id, await call("action_state#poll", [id], PollInput(state), null, PollTimeout, cancel).ConfigureAwait(false));
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

    /// <summary>Without the last status, current and total the server takes any state for news and answers at once.</summary>
    private static JsonObject PollInput(ActionState state) => new()
    {
        ["timeout"] = PollTimeout.TotalSeconds,
        ["update_in"] = UpdateIn,
        ["status"] = state.Status,
        ["current"] = state.Current,
        ["total"] = state.Total,
    };

    private static ActionState Read(long id, ActionResult result)
    {
        var reader = new ObjectReader("action_state", result.Object);
        var state = new ActionState(
            reader.Id("id"),
            reader.OptionalText("label", 1024),
            reader.Boolean("finished"),
            reader.Boolean("status"),
            reader.OptionalInteger("current", 0, long.MaxValue) ?? 0,
            reader.OptionalInteger("total", 0, long.MaxValue) ?? 0,
            reader.OptionalText("unit", 255),
            reader.OptionalBoolean("can_cancel") ?? false);
        return state.Id == id ? state : throw reader.Wrong("id", $"{id}, which was asked for");
    }
}
