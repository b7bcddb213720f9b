using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using VpsAdmin.Node;

namespace VpsAdmin.Nats;

/// <summary>
/// A node's end. Work is acknowledged when its end is kept by the broker, and until then the broker hears that somebody works on it: what a
/// node that died had begun comes to its next process at once, and to no other.
/// </summary>
public sealed class NatsInbox(NatsLink link, long nodeId, IReadOnlyList<QueueLimit> queues, TimeProvider time, ILogger log) : INodeInbox
{
    private readonly ConcurrentDictionary<(long Id, bool Rollback), INatsJSMsg<byte[]>> _underWay = new();

    public async IAsyncEnumerable<TransactionMessage> ReceiveAsync(string queue, [EnumeratorCancellation] CancellationToken cancel)
    {
        var config = new ConsumerConfig(Subjects.QueueConsumer(nodeId, queue))
        {
            FilterSubject = Subjects.QueueOf(nodeId, queue),
            AckPolicy = ConsumerConfigAckPolicy.Explicit,
            AckWait = link.Settings.Patience,
            MaxAckPending = queues.Single(q => q.Name == queue).Concurrency,
        };
        foreach (var left in _underWay.Where(w => w.Value.Subject.StartsWith(Subjects.QueueOf(nodeId, queue)[..^1], StringComparison.Ordinal)))
            _underWay.TryRemove(left);
        var consumer = await link.TakeConsumerAsync(Subjects.WorkStream, config, cancel).ConfigureAwait(false);
        var reading = new NatsJSConsumeOpts { MaxMsgs = (int)config.MaxAckPending };
        await foreach (var message in consumer.ConsumeAsync<byte[]>(opts: reading, cancellationToken: cancel).ConfigureAwait(false))
        {
            if (await ReadAsync(message, cancel).ConfigureAwait(false) is not { } work)
                continue;
            var begun = _underWay.ContainsKey((work.Id, work.Rollback));
            _underWay[(work.Id, work.Rollback)] = message;
            // The broker lost patience, after a pause of the machine or of the network: it is worked on nevertheless.
            if (!begun)
                yield return work;
        }
    }

    public async Task ReportAsync(NodeEvent nodeEvent, CancellationToken cancel)
    {
        switch (nodeEvent)
        {
            case TransactionFinished finished:
                await PublishAsync(
                    Subjects.Finished(nodeId, finished.TransactionId, finished.Rollback), JsonSerializer.SerializeToUtf8Bytes(finished, NodeJson.Default.TransactionFinished), cancel)
                    .ConfigureAwait(false);
                await AcknowledgeAsync((finished.TransactionId, finished.Rollback), cancel).ConfigureAwait(false);
                break;
            case ExportProgressed progressed:
                await PublishAsync(
                    Subjects.Progressed(nodeId, progressed.TransactionId), JsonSerializer.SerializeToUtf8Bytes(progressed, NodeJson.Default.ExportProgressed), cancel).ConfigureAwait(false);
                break;
            case TransferProgressed progressed:
                await PublishAsync(
                    Subjects.Sent(nodeId, progressed.TransactionId), JsonSerializer.SerializeToUtf8Bytes(progressed, NodeJson.Default.TransferProgressed), cancel).ConfigureAwait(false);
                break;
            default:
                throw new ArgumentException($"There is no subject for {nodeEvent.GetType().Name}.", nameof(nodeEvent));
        }
    }

    /// <summary>Tells the broker again and again that work is under way, until cancelled.</summary>
    public async Task KeepAsync(CancellationToken cancel)
    {
        using var beat = new PeriodicTimer(link.Settings.Patience / 3, time);
        try
        {
            while (await beat.WaitForNextTickAsync(cancel).ConfigureAwait(false))
            {
                foreach (var message in _underWay.Values)
                    await SayProgressAsync(message, cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task SayProgressAsync(INatsJSMsg<byte[]> message, CancellationToken cancel)
    {
        try
        {
            await message.AckProgressAsync(cancellationToken: cancel).ConfigureAwait(false);
        }
        catch (NatsException e)
        {
            log.LogWarning("The broker does not hear that {Subject} is under way: {Reason}", message.Subject, e.Message);
        }
    }

    private async Task PublishAsync(string subject, byte[] data, CancellationToken cancel) => await link.Persistent.ExecuteAsync(
        async token => (await link.JetStream.PublishAsync(subject, data, cancellationToken: token).ConfigureAwait(false)).EnsureSuccess(), cancel).ConfigureAwait(false);

    private async Task AcknowledgeAsync((long, bool) key, CancellationToken cancel)
    {
        if (!_underWay.TryRemove(key, out var message))
            return;
        try
        {
            // Acknowledged twice over: an acknowledgement that gets lost would bring finished work again.
            await message.AckAsync(new AckOpts { DoubleAck = true }, cancel).ConfigureAwait(false);
        }
        catch (NatsException e)
        {
            log.LogWarning("The broker does not confirm the end of {Subject}; the server takes the work away: {Reason}", message.Subject, e.Message);
        }
    }

    private async Task<TransactionMessage?> ReadAsync(INatsJSMsg<byte[]> message, CancellationToken cancel)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Data, NodeJson.Default.TransactionMessage) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            log.LogError("Work on {Subject} cannot be read and is dropped: {Reason}", message.Subject, e.Message);
            await message.AckTerminateAsync(cancellationToken: cancel).ConfigureAwait(false);
            return null;
        }
    }
}
