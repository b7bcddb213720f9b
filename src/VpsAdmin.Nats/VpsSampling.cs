using System.Text.Json;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Nats;

/// <summary>How the server learns what the VPSes of a node are doing: it asks, so that what it hears is never older than its question.</summary>
public static class VpsSampling
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <returns>Null: the node does not answer.</returns>
    public static async Task<IReadOnlyList<VpsSample>?> AskAsync(NatsLink link, long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel)
    {
        try
        {
            var question = JsonSerializer.SerializeToUtf8Bytes(vpses, NatsJson.Default.IReadOnlyListVpsPlace);
            var reply = await link.Connection.RequestAsync<byte[], byte[]>(
                Subjects.Sampling(nodeId), question, replyOpts: new NatsSubOpts { Timeout = Patience }, cancellationToken: cancel).ConfigureAwait(false);
            return JsonSerializer.Deserialize(reply.Data, NatsJson.Default.IReadOnlyListVpsSample);
        }
        catch (Exception e) when (e is NatsException or JsonException)
        {
            return null; // Away, or of another version: as good as away.
        }
    }

    /// <summary>A node's end: answers until cancelled.</summary>
    public static async Task AnswerAsync(
        NatsLink link, long nodeId, Func<IReadOnlyList<VpsPlace>, CancellationToken, Task<IReadOnlyList<VpsSample>>> sample, ILogger log, CancellationToken cancel)
    {
        await foreach (var message in link.Connection.SubscribeAsync<byte[]>(Subjects.Sampling(nodeId), cancellationToken: cancel).ConfigureAwait(false))
        {
            try
            {
                var vpses = JsonSerializer.Deserialize(message.Data, NatsJson.Default.IReadOnlyListVpsPlace) ?? throw new JsonException("it is empty");
                var answer = JsonSerializer.SerializeToUtf8Bytes(await sample(vpses, cancel).ConfigureAwait(false), NatsJson.Default.IReadOnlyListVpsSample);
                await message.ReplyAsync(answer, cancellationToken: cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is JsonException or NatsException)
            {
                log.LogWarning("The server does not learn what the VPSes are doing: {Reason}", e.Message);
            }
        }
    }
}
