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
    /// <summary>Characters.</summary>
    private const int LongestError = 10_000;

    private readonly ConcurrentDictionary<WorkKey, INatsJSMsg<byte[]>> _underWay = new();
    private readonly EndedWork _ended = new();

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
            var key = new WorkKey(work.Id, work.Rollback, work.Nonce);
            // It lay here, brought again by a broker that had lost patience, while the work came to its end.
            if (message.Metadata?.Sequence.Stream is { } sequence && _ended.Contains(sequence))
            {
                await message.AckAsync(cancellationToken: cancel).ConfigureAwait(false);
                continue;
            }
            var begun = _underWay.ContainsKey(key);
            _underWay[key] = message;
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
                await TellEndAsync(finished, cancel).ConfigureAwait(false);
                await AcknowledgeAsync(new WorkKey(finished.TransactionId, finished.Rollback, finished.Nonce), cancel).ConfigureAwait(false);
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
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning("The broker does not hear that {Subject} is under way: {Reason}", message.Subject, e.Message);
        }
    }

    /// <summary>An answer that no message can carry counts as none: the work has failed then, and is undone.</summary>
    private async Task TellEndAsync(TransactionFinished finished, CancellationToken cancel)
    {
        var subject = Subjects.Finished(nodeId, finished.TransactionId, finished.Rollback);
        var data = JsonSerializer.SerializeToUtf8Bytes(finished, NodeJson.Default.TransactionFinished);
        try
        {
            await PublishAsync(subject, data, cancel).ConfigureAwait(false);
        }
        catch (UndeliverableException e)
        {
            var error = finished.Success || finished.Error is not { Length: > LongestError } ? e.Message : finished.Error[..LongestError];
            var shorter = finished with { Success = false, Output = null, Error = error };
            await PublishAsync(subject, JsonSerializer.SerializeToUtf8Bytes(shorter, NodeJson.Default.TransactionFinished), cancel).ConfigureAwait(false);
        }
    }

    private async Task PublishAsync(string subject, byte[] data, CancellationToken cancel) => await link.Persistent.ExecuteAsync(
        async token =>
    {
        link.CheckSize("The node's answer", data);
        (await link.JetStream.PublishAsync(subject, data, cancellationToken: token).ConfigureAwait(false)).EnsureSuccess();
    }, cancel).ConfigureAwait(false);

    private async Task AcknowledgeAsync(WorkKey key, CancellationToken cancel)
    {
        // In this order: whoever finds it no longer under way finds it ended.
        if (!_underWay.TryGetValue(key, out var message))
            return;
        if (message.Metadata?.Sequence.Stream is { } sequence)
            _ended.Add(sequence);
        _underWay.TryRemove(key, out message!);
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
            return ReceivedMessages.Work(message.Data);
        }
        catch (JsonException e)
        {
            log.LogError("Work on {Subject} cannot be read and is dropped: {Reason}", message.Subject, e.Message);
            await message.AckTerminateAsync(cancellationToken: cancel).ConfigureAwait(false);
            return null;
        }
    }

    /// <param name="Nonce">After the database was put back from a copy there may be other work of the same number.</param>
    private readonly record struct WorkKey(long Id, bool Rollback, string? Nonce);
}
