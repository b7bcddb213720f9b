using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;

namespace VpsAdmin.Client;

public sealed partial class VpsAdminClient
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<TransactionChain>> ListChainsAsync(ChainFilter filter, CancellationToken cancel)
    {
        var input = new JsonObject();
        Set(input, "name", filter.Name);
        Set(input, "state", filter.State);
        Set(input, "user", filter.UserId);
        Set(input, "class_name", filter.ClassName);
        Set(input, "row_id", filter.RowId);
        Set(input, "limit", filter.Limit);
        return ManyAsync("transaction_chain#index", [], input, ResourceReader.Chain, cancel);
    }

    public Task<TransactionChain> GetChainAsync(long id, CancellationToken cancel) => OneAsync("transaction_chain#show", [id], null, ResourceReader.Chain, cancel);

    /// <summary>Follows a chain until it has finished, well or not; with long polls where the server has action states, else by asking again and again.</summary>
    public async Task<TransactionChain> WaitForChainAsync(long id, TimeProvider time, IProgress<ActionState>? progress, CancellationToken cancel)
    {
        if (Api.Has("action_state#show"))
        {
            await Api.WaitAsync(id, progress, cancel).ConfigureAwait(false);
            return await GetChainAsync(id, cancel).ConfigureAwait(false);
        }
        return await PollAsync(
            () => GetChainAsync(id, cancel),
            chain =>
            {
                progress?.Report(new ActionState(id, chain.Label, ChainStates.IsFinished(chain.State), chain.State is "queued" or ChainStates.Done, chain.Progress, chain.Size, "transactions", CanCancel: false));
                return ChainStates.IsFinished(chain.State);
            },
            time, cancel).ConfigureAwait(false);
    }

    /// <summary>Asks with growing pauses until the answer is final.</summary>
    private static async Task<T> PollAsync<T>(Func<Task<T>> ask, Func<T, bool> isFinal, TimeProvider time, CancellationToken cancel)
    {
        var pause = ShortestPause;
        while (true)
        {
            var answer = await ask().ConfigureAwait(false);
            if (isFinal(answer))
                return answer;
            await Task.Delay(pause, time, cancel).ConfigureAwait(false);
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
        }
    }

    /// <summary>Only what the caller said.</summary>
    private static void Set(JsonObject input, string name, JsonNode? value)
    {
        if (value is not null)
            input[name] = value;
    }
}
