using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Nats;

/// <summary>What a node says of itself when it starts.</summary>
/// <param name="Name">Domain name that it was added to the cluster with.</param>
/// <param name="Pools">Filesystems that it has for datasets or backups.</param>
/// <param name="DownloadUrl">Where clients reach the files that it makes, without a slash at the end.</param>
/// <param name="StreamAddress">Where other nodes send snapshots to, such as <c>node2.example.org:4569</c>; null: it takes none.</param>
public sealed record NodeHello(string Name, IReadOnlyList<string> Pools, string DownloadUrl, string? StreamAddress = null)
{
    /// <summary>Whether it runs VPSes; null: it is of a version that does not.</summary>
    public VpsAbility? Vpses { get; init; }
}

/// <summary>What the server tells a node of itself.</summary>
/// <param name="Refusal">Why it has no place here; null: it has.</param>
/// <param name="Pools">Ids of its pools, by filesystem.</param>
public sealed record NodeWelcome(string? Refusal, long NodeId, IReadOnlyDictionary<string, long> Pools);

/// <summary>How a node gets its number: it knows its name, the server knows the rest.</summary>
public static class Introductions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks until there is a server that answers.</summary>
    public static async Task<NodeWelcome> IntroduceAsync(NatsLink link, NodeHello hello, ILogger log, CancellationToken cancel)
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(hello, NatsJson.Default.NodeHello);
        return await link.Persistent.ExecuteAsync(async token =>
        {
            try
            {
                var reply = await link.Connection.RequestAsync<byte[], byte[]>(
                    Subjects.Introduction(hello.Name), data, replyOpts: new NatsSubOpts { Timeout = Patience }, cancellationToken: token).ConfigureAwait(false);
                return ReceivedMessages.Welcome(reply.Data);
            }
            catch (JsonException e)
            {
                // Of another version, which may be a later one's.
                log.LogError("What the server answers cannot be read: {Reason}", e.Message);
                throw new NatsException("The server's answer cannot be read.", e);
            }
            catch (NatsException e)
            {
                log.LogWarning("The server does not answer yet: {Reason}", e.Message);
                throw;
            }
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>Answers until cancelled; where there are several servers, one of them does. Whoever gets no answer asks again.</summary>
    public static async Task AnswerAsync(
        NatsLink link, Func<NodeHello, CancellationToken, Task<NodeWelcome>> answer, ILogger log, CancellationToken cancel)
    {
        await foreach (var message in link.Connection.SubscribeAsync<byte[]>(Subjects.AllIntroductions, queueGroup: Subjects.EventConsumer, cancellationToken: cancel).ConfigureAwait(false))
        {
            try
            {
                var hello = ReceivedMessages.Hello(message.Subject, message.Data);
                var welcome = JsonSerializer.SerializeToUtf8Bytes(await answer(hello, cancel).ConfigureAwait(false), NatsJson.Default.NodeWelcome);
                await message.ReplyAsync(welcome, cancellationToken: cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                // Whatever it is, such as a database that is away: other nodes are to be answered.
                log.LogError("An introduction on {Subject} is not answered: {Reason}", message.Subject, e.Message);
            }
        }
    }
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(NodeHello))]
[JsonSerializable(typeof(NodeWelcome))]
[JsonSerializable(typeof(NodeStatus))]
[JsonSerializable(typeof(IReadOnlyList<VpsPlace>))]
[JsonSerializable(typeof(IReadOnlyList<VpsSample>))]
[JsonSerializable(typeof(ConsoleQuestion))]
[JsonSerializable(typeof(ConsoleAnswer))]
internal sealed partial class NatsJson : JsonSerializerContext;

/// <summary>What a node that is there tells of itself from time to time.</summary>
public sealed record NodeStatus(IReadOnlyList<PoolUsage> Pools);
