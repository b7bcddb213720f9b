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

    /// <summary>Reports that are with the server at once: while its database is away the broker would bring all of them again and again.</summary>
    private const int MostUnread = 64;

    private readonly NatsLink _link;
    private readonly INatsJSStream _work;
    private readonly INatsJSStream _events;
    private readonly ILogger _log;

    private NatsBus(NatsLink link, INatsJSStream work, INatsJSStream events, ILogger log) => (_link, _work, _events, _log) = (link, work, events, log);

    public static async Task<NatsBus> OpenAsync(NatsLink link, ILogger log, CancellationToken cancel)
    {
        var (work, events) = await link.PrepareAsync(cancel).ConfigureAwait(false);
        return new NatsBus(link, work, events, log);
    }

    public async Task DispatchAsync(long nodeId, TransactionMessage message, CancellationToken cancel)
    {
        var subject = Subjects.Work(nodeId, message.Queue, message.Id, message.Rollback);
        var data = JsonSerializer.SerializeToUtf8Bytes(message, NodeJson.Default.TransactionMessage);
        await _link.Persistent.ExecuteAsync(async token =>
        {
            _link.CheckSize("The work", data);
            // Its end is told already, and will be read: the work must not begin again beside what follows from it.
            if (await FindAsync(_events, Subjects.Finished(nodeId, message.Id, message.Rollback), token).ConfigureAwait(false) is { } told && EndNonce(told.Data) == message.Nonce)
                return;
            if (!await TryPublishAsync(subject, data, token).ConfigureAwait(false))
            {
                await WithdrawOthersAsync(subject, message.Nonce, token).ConfigureAwait(false);
                await TryPublishAsync(subject, data, token).ConfigureAwait(false);
            }
            if (message.Rollback)
                await WithdrawAsync(nodeId, message.Id, rollback: false, message.Nonce, token).ConfigureAwait(false);
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Without an id of the message: by it the broker would take what is handed out again within two minutes for a double, and store nothing, though the first one was acknowledged meanwhile.
    /// One message for each subject is all there ever is.
    /// </summary>
    /// <returns>False: there is work of this number already.</returns>
    private async Task<bool> TryPublishAsync(string subject, byte[] data, CancellationToken cancel)
    {
        var ack = await _link.JetStream.PublishAsync(subject, data, cancellationToken: cancel).ConfigureAwait(false);
        if (ack.Error?.ErrCode == SubjectIsTaken)
            return false;
        ack.EnsureSuccess();
        return true;
    }

    public async IAsyncEnumerable<NodeReport> ReportsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var consumer = await _link.TakeConsumerAsync(
            Subjects.EventStream, new ConsumerConfig(Subjects.EventConsumer) { AckPolicy = ConsumerConfigAckPolicy.Explicit, AckWait = _link.Settings.Patience, MaxAckPending = MostUnread }, cancel)
            .ConfigureAwait(false);
        await foreach (var message in consumer.ConsumeAsync<byte[]>(opts: new NatsJSConsumeOpts { MaxMsgs = MostUnread }, cancellationToken: cancel).ConfigureAwait(false))
        {
            if (Read(message) is var (nodeId, nodeEvent))
                yield return new Report(this, message, nodeId, nodeEvent);
            else
                await message.AckAsync(cancellationToken: cancel).ConfigureAwait(false);
        }
    }

    private sealed class Report(NatsBus bus, INatsJSMsg<byte[]> message, long nodeId, NodeEvent nodeEvent) : NodeReport(nodeEvent)
    {
        public override async Task DealAsync(Func<NodeEvent, Task> deal, CancellationToken cancel)
        {
            if (Event is TransactionFinished finished)
            {
                // The node acknowledges its work after it has told the end. Where it died in between, the work would come again.
                await bus._link.Persistent.ExecuteAsync(async token =>
                {
                    await bus.WithdrawAsync(nodeId, finished.TransactionId, finished.Rollback, finished.Nonce, token).ConfigureAwait(false);
                    // Who called it off may have died before it was withdrawn.
                    if (finished.Rollback)
                        await bus.WithdrawAsync(nodeId, finished.TransactionId, rollback: false, finished.Nonce, token).ConfigureAwait(false);
                }, cancel).ConfigureAwait(false);
            }
            await deal(Event).ConfigureAwait(false);
            await message.AckAsync(cancellationToken: cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The work, and no other that has its number: after the database was put back from a copy there may be such.</summary>
    private async Task WithdrawAsync(long nodeId, long transactionId, bool rollback, string? nonce, CancellationToken cancel)
    {
        if (await FindAsync(_work, Subjects.WorkOf(nodeId, transactionId, rollback), cancel).ConfigureAwait(false) is { } lying && WorkNonce(lying.Data) == nonce)
            await RemoveAsync(lying.Sequence, cancel).ConfigureAwait(false);
    }

    /// <summary>What has the number from before the database was put back from a copy.</summary>
    private async Task WithdrawOthersAsync(string subject, string? nonce, CancellationToken cancel)
    {
        if (await FindAsync(_work, subject, cancel).ConfigureAwait(false) is not { } lying || WorkNonce(lying.Data) == nonce)
            return;
        _log.LogWarning("Work on {Subject} is of before the database was put back from a copy, and is withdrawn", subject);
        await RemoveAsync(lying.Sequence, cancel).ConfigureAwait(false);
    }

    /// <returns>Null: there is none.</returns>
    private static async Task<(byte[] Data, ulong Sequence)?> FindAsync(INatsJSStream stream, string subject, CancellationToken cancel)
    {
        try
        {
            var found = await stream.GetAsync(new StreamMsgGetRequest { LastBySubj = subject }, cancel).ConfigureAwait(false);
            return (found.Message.Data.ToArray(), found.Message.Seq);
        }
        catch (NatsJSApiException e) when (e.Error.Code == 404)
        {
            return null;
        }
    }

    private async Task RemoveAsync(ulong sequence, CancellationToken cancel)
    {
        try
        {
            await _work.DeleteMessageAsync(new StreamMsgDeleteRequest { Seq = sequence, NoErase = true }, cancel).ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (e.Error.Code is 404 or 400)
        {
            // It was acknowledged meanwhile, and is gone.
        }
    }

    private static string? WorkNonce(byte[] data)
    {
        try
        {
            return ReceivedMessages.Work(data).Nonce;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? EndNonce(byte[] data)
    {
        try
        {
            return ReceivedMessages.End(data).Nonce;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private (long NodeId, NodeEvent Event)? Read(INatsJSMsg<byte[]> message)
    {
        try
        {
            return ReceivedMessages.Event(message.Subject, message.Data);
        }
        catch (JsonException e)
        {
            _log.LogError("A report on {Subject} cannot be read and is dropped: {Reason}", message.Subject, e.Message);
            return null;
        }
    }
}
