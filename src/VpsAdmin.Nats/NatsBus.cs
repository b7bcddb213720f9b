using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using VpsAdmin.Node;

namespace VpsAdmin.Nats;

/// <summary>The server's end of the way to nodes that are processes of their own: work queues and events on JetStream.</summary>
public sealed class NatsBus : INodeBus
{
    /// <summary>"maximum messages per subject exceeded"</summary>
    private const int SubjectIsTaken = 10077;

    private readonly NatsLink _link;
    private readonly ILogger _log;

    private NatsBus(NatsLink link, ILogger log) => (_link, _log) = (link, log);

    public static async Task<NatsBus> OpenAsync(NatsLink link, ILogger log, CancellationToken cancel)
    {
        await link.PrepareAsync(cancel).ConfigureAwait(false);
        return new NatsBus(link, log);
    }

    public async Task DispatchAsync(long nodeId, TransactionMessage message, CancellationToken cancel)
    {
        var subject = Subjects.Work(nodeId, message.Queue, message.Id, message.Rollback);
        var data = JsonSerializer.SerializeToUtf8Bytes(message, NodeJson.Default.TransactionMessage);
        await _link.Persistent.ExecuteAsync(async token =>
        {
            // Its end is told already, and will be read: the work must not begin again beside what follows from it.
            if (await IsWaitingAsync(Subjects.Finished(nodeId, message.Id, message.Rollback), token).ConfigureAwait(false))
                return;
            var ack = await _link.JetStream.PublishAsync(subject, data, opts: new NatsJSPubOpts { MsgId = $"{message.Installation}/{message.Nonce}/{subject}" }, cancellationToken: token)
                .ConfigureAwait(false);
            if (!ack.Duplicate && ack.Error?.ErrCode != SubjectIsTaken)
                ack.EnsureSuccess();
            if (message.Rollback)
                await WithdrawAsync(nodeId, message.Id, rollback: false, token).ConfigureAwait(false);
        }, cancel).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<NodeEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var consumer = await _link.TakeConsumerAsync(
            Subjects.EventStream, new ConsumerConfig(Subjects.EventConsumer) { AckPolicy = ConsumerConfigAckPolicy.Explicit, AckWait = _link.Settings.Patience }, cancel).ConfigureAwait(false);
        await foreach (var message in consumer.ConsumeAsync<byte[]>(cancellationToken: cancel).ConfigureAwait(false))
        {
            if (Read(message) is var (nodeId, nodeEvent))
            {
                if (nodeEvent is TransactionFinished finished)
                {
                    // The node acknowledges its work after it has told the end. Where it died in between, the work would come again.
                    await _link.Persistent.ExecuteAsync(
                        async token => await WithdrawAsync(nodeId, finished.TransactionId, finished.Rollback, token).ConfigureAwait(false), cancel).ConfigureAwait(false);
                }
                yield return nodeEvent;
            }
            // The reader has come back for the next one: it has saved this one.
            await message.AckAsync(cancellationToken: cancel).ConfigureAwait(false);
        }
    }

    private async Task WithdrawAsync(long nodeId, long transactionId, bool rollback, CancellationToken cancel) => await _link.JetStream.PurgeStreamAsync(
        Subjects.WorkStream, new StreamPurgeRequest { Filter = Subjects.WorkOf(nodeId, transactionId, rollback) }, cancel).ConfigureAwait(false);

    private async Task<bool> IsWaitingAsync(string eventSubject, CancellationToken cancel)
    {
        var stream = await _link.JetStream.GetStreamAsync(Subjects.EventStream, new StreamInfoRequest { SubjectsFilter = eventSubject }, cancel).ConfigureAwait(false);
        return stream.Info.State.Subjects is { Count: > 0 };
    }

    private (long NodeId, NodeEvent Event)? Read(INatsJSMsg<byte[]> message)
    {
        try
        {
            var subject = Subjects.ParseEvent(message.Subject) ?? throw new JsonException("its subject is none of an event");
            NodeEvent? nodeEvent = subject.Kind switch
            {
                EventKind.Finished => JsonSerializer.Deserialize(message.Data, NodeJson.Default.TransactionFinished),
                EventKind.Sent => JsonSerializer.Deserialize(message.Data, NodeJson.Default.TransferProgressed),
                _ => JsonSerializer.Deserialize(message.Data, NodeJson.Default.ExportProgressed),
            };
            return (subject.NodeId, nodeEvent ?? throw new JsonException("it is empty"));
        }
        catch (JsonException e)
        {
            _log.LogError("A report on {Subject} cannot be read and is dropped: {Reason}", message.Subject, e.Message);
            return null;
        }
    }
}
