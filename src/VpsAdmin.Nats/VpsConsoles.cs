using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Nats;

/// <summary>How the server reads what a VPS of a node said on its console.</summary>
public static class VpsConsoles
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <returns>Null: the node does not answer.</returns>
    public static async Task<ConsoleAnswer?> AskAsync(NatsLink link, long nodeId, ConsoleQuestion question, CancellationToken cancel)
    {
        try
        {
            var reply = await link.Connection.RequestAsync<byte[], byte[]>(
                Subjects.Console(nodeId), JsonSerializer.SerializeToUtf8Bytes(question, ConsoleJson.Default.ConsoleQuestion),
                replyOpts: new NatsSubOpts { Timeout = Patience }, cancellationToken: cancel).ConfigureAwait(false);
            return JsonSerializer.Deserialize(reply.Data, ConsoleJson.Default.ConsoleAnswer);
        }
        catch (Exception e) when (e is NatsException or JsonException)
        {
            return null; // Away, or of another version: as good as away.
        }
    }

    /// <summary>A node's end: answers until cancelled.</summary>
    public static async Task AnswerAsync(NatsLink link, long nodeId, Func<ConsoleQuestion, CancellationToken, Task<string?>> read, ILogger log, CancellationToken cancel)
    {
        await foreach (var message in link.Connection.SubscribeAsync<byte[]>(Subjects.Console(nodeId), cancellationToken: cancel).ConfigureAwait(false))
        {
            try
            {
                var question = JsonSerializer.Deserialize(message.Data, ConsoleJson.Default.ConsoleQuestion) ?? throw new JsonException("it is empty");
                var answer = new ConsoleAnswer(await read(question, cancel).ConfigureAwait(false));
                await message.ReplyAsync(JsonSerializer.SerializeToUtf8Bytes(answer, ConsoleJson.Default.ConsoleAnswer), cancellationToken: cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is JsonException or NatsException)
            {
                log.LogWarning("A question about a VPS's console is not answered: {Reason}", e.Message);
            }
        }
    }
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ConsoleQuestion))]
[JsonSerializable(typeof(ConsoleAnswer))]
internal sealed partial class ConsoleJson : JsonSerializerContext;
