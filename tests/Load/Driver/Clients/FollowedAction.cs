using System.Globalization;
using System.Text.Json.Nodes;

namespace VpsAdmin.Load.Clients;

/// <summary>An action in the background, polled as the module's own client does: shown first, then waited for with the state that is known.</summary>
internal static class FollowedAction
{
    /// <summary>Seconds, of the module's client.</summary>
    public const int PollTimeout = 15;

    /// <summary>Returns when it has ended well.</summary>
    /// <exception cref="ApiFailedException">It has not, or the server does not tell.</exception>
    public static async Task EndAsync(Api api, long id, string token, CancellationToken cancel)
    {
        var state = await ShowAsync(api, id, token, cancel);
        while (!state.Finished)
            state = await PollAsync(api, id, state, token, cancel);
        if (!state.Status)
            throw new ApiFailedException($"Action {id} has failed.");
    }

    public static async Task<State> ShowAsync(Api api, long id, string token, CancellationToken cancel) =>
        State.Read(await api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/v7.0/action_states/{id}"), token, cancel));

    public static async Task<State> PollAsync(Api api, long id, State known, string token, CancellationToken cancel) => State.Read(await api.GetAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"/v7.0/action_states/{id}/poll?action_state[timeout]={PollTimeout}&action_state[update_in]=3&action_state[status]={(known.Status ? "true" : "false")}&action_state[current]={known.Current}&action_state[total]={known.Total}"),
        token, cancel));

    public sealed record State(bool Finished, bool Status, long Current, long Total)
    {
        public static State Read(JsonNode answer) => answer["action_state"] is { } state
            ? new(state["finished"]!.GetValue<bool>(), state["status"]!.GetValue<bool>(), state["current"]!.GetValue<long>(), state["total"]!.GetValue<long>())
            : throw new ApiFailedException($"The answer is no action state: {answer.ToJsonString()}");
    }
}
