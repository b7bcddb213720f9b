using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace VpsAdmin.Nats;

/// <summary>What the server asks nodes, each on a subject of its own, and how they answer: some questions at once, each within a time.</summary>
internal sealed class Questions<TQuestion, TAnswer>(Func<long, string> subject, JsonTypeInfo<TQuestion> question, JsonTypeInfo<TAnswer> answer) where TAnswer : class
{
    /// <summary>How long whoever asks waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How many questions a node answers at once.</summary>
    public const int AtOnce = 8;

    /// <returns>Null: the node does not answer.</returns>
    public async Task<TAnswer?> AskAsync(NatsLink link, long nodeId, TQuestion asked, CancellationToken cancel)
    {
        try
        {
            var reply = await link.AskAsync(token => link.Connection.RequestAsync<byte[], byte[]>(
                subject(nodeId), JsonSerializer.SerializeToUtf8Bytes(asked, question), replyOpts: new NatsSubOpts { Timeout = Patience }, cancellationToken: token), Patience, cancel).ConfigureAwait(false);
            return JsonSerializer.Deserialize(reply.Data, answer);
        }
        catch (Exception e) when (e is NatsException or JsonException)
        {
            return null; // Away, as the broker may be; or of another version: as good as away.
        }
    }

    /// <summary>A node's end: answers until cancelled.</summary>
    public Task AnswerAsync(NatsLink link, long nodeId, Func<TQuestion, CancellationToken, Task<TAnswer>> find, ILogger log, CancellationToken cancel) => Parallel.ForEachAsync(
        link.Connection.SubscribeAsync<byte[]>(subject(nodeId), cancellationToken: cancel), new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
        async (message, _) => await ReplyAsync(message, find, link.Time, log, cancel).ConfigureAwait(false));

    private async Task ReplyAsync(NatsMsg<byte[]> message, Func<TQuestion, CancellationToken, Task<TAnswer>> find, TimeProvider time, ILogger log, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            var asked = JsonSerializer.Deserialize(message.Data, question) ?? throw new JsonException("it is empty");
            // A pool that hangs does not heed that nobody waits any more, and the next question is not to wait for it.
            var found = await Task.Run(() => find(asked, either.Token), either.Token).WaitAsync(either.Token).ConfigureAwait(false);
            await message.ReplyAsync(JsonSerializer.SerializeToUtf8Bytes(found, answer), cancellationToken: cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // Whatever it is: other questions are to be answered.
            log.LogWarning("A question on {Subject} is not answered: {Reason}", message.Subject, late.IsCancellationRequested ? "nobody waits for it any more" : e.Message);
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }
    }
}
