using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Calls;

namespace VpsAdmin.HaveApi;

public sealed partial class HaveApiClient
{
    /// <summary>False on servers before HaveAPI 0.7, where the end of an action is learned by looking at its object.</summary>
    public bool HasActionStates => Has("action_state#show");

    /// <summary>Follows a background action to its end: show, then poll with the last state (spec/haveapi 8). Faults of the network are borne.</summary>
    /// <returns>The final state; look at <see cref="ActionState.Succeeded"/>.</returns>
    public Task<ActionState> WaitAsync(long actionStateId, IProgress<ActionState>? progress, CancellationToken cancel) =>
        new ActionWait(this, CallAsync, _time, _options.WaitRetries).FollowAsync(actionStateId, progress, cancel);

    /// <summary>The background actions of this user that have not ended, newest first.</summary>
    public async Task<IReadOnlyList<ActionState>> GetPendingAsync(CancellationToken cancel)
    {
        var reply = await CallAsync("action_state#index", [], null, null, cancel).ConfigureAwait(false);
        return [.. reply.List.Select(ActionWait.Read)];
    }

    /// <summary>Asks for a background action to be cancelled.</summary>
    /// <returns>The state of the cancellation, which is a background action itself; null when it is done.</returns>
    /// <exception cref="ActionFailedException">It cannot be cancelled, or the server cannot cancel anything.</exception>
    public async Task<long?> CancelAsync(long actionStateId, CancellationToken cancel)
    {
        var reply = await CallAsync("action_state#cancel", [actionStateId], null, null, cancel).ConfigureAwait(false);
        return reply.ActionStateId;
    }
}
