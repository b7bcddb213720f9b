using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace VpsAdmin.Node;

/// <summary>
/// Both ends in one process. Work stays with the bus until its end is reported: who receives from a queue anew gets the unfinished work
/// of it first. Dispatching unfinished work once more changes nothing.
/// </summary>
public sealed class InProcessBus : INodeBus
{
    // Unbounded: there is never more than one transaction of a chain under way, and progress comes once for each export.
    private readonly Channel<NodeReport> _events = Channel.CreateUnbounded<NodeReport>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<long, Mailbox> _mailboxes = new();

    public Task DispatchAsync(long nodeId, TransactionMessage message, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        MailboxOf(nodeId).Add(message);
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<NodeReport> ReportsAsync(CancellationToken cancel) => _events.Reader.ReadAllAsync(cancel);

    public INodeInbox Inbox(long nodeId) => MailboxOf(nodeId);

    private Mailbox MailboxOf(long nodeId) => _mailboxes.GetOrAdd(nodeId, static (_, events) => new Mailbox(events), _events.Writer);

    private sealed class Mailbox(ChannelWriter<NodeReport> events) : INodeInbox
    {
        private readonly Lock _gate = new();
        private readonly List<TransactionMessage> _unfinished = [];
        private readonly Dictionary<string, Channel<TransactionMessage>> _readers = [];

        public void Add(TransactionMessage message)
        {
            lock (_gate)
            {
                if (_unfinished.Exists(other => other.Id == message.Id && other.Rollback == message.Rollback))
                    return;
                if (message.Rollback)
                    _unfinished.RemoveAll(other => other.Id == message.Id);
                _unfinished.Add(message);
                if (_readers.TryGetValue(message.Queue, out var reader))
                    reader.Writer.TryWrite(message);
            }
        }

        public async IAsyncEnumerable<TransactionMessage> ReceiveAsync(string queue, [EnumeratorCancellation] CancellationToken cancel)
        {
            var messages = Channel.CreateUnbounded<TransactionMessage>(new UnboundedChannelOptions { SingleReader = true });
            lock (_gate)
            {
                // A queue has one reader: the former one is at its end.
                if (_readers.Remove(queue, out var former))
                    former.Writer.TryComplete();
                _readers.Add(queue, messages);
                foreach (var message in _unfinished)
                {
                    if (message.Queue == queue)
                        messages.Writer.TryWrite(message);
                }
            }

            await foreach (var message in messages.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
                yield return message;
        }

        public Task ReportAsync(NodeEvent nodeEvent, CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            lock (_gate)
            {
                if (nodeEvent is TransactionFinished finished)
                    _unfinished.RemoveAll(message => message.Id == finished.TransactionId && message.Rollback == finished.Rollback);
                events.TryWrite(new PlainReport(nodeEvent));
            }
            return Task.CompletedTask;
        }
    }
}
