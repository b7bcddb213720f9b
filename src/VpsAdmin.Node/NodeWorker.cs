using VpsAdmin.Node.Handlers;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <summary>A queue of a node and how many transactions of it run at once.</summary>
public sealed record QueueLimit(string Name, int Concurrency)
{
    /// <summary>How long after its start the node leaves the queue alone, for a machine that has to come up first.</summary>
    public TimeSpan StartDelay { get; init; }

    /// <summary>How many transactions of a queue run at once.</summary>
    public static int Of(IReadOnlyList<QueueLimit> queues, string name) => queues.Single(q => q.Name == name).Concurrency;

    /// <summary>vpsAdmin's queues (spec/vpsadmin 2.5), without start delays.</summary>
    public static IReadOnlyList<QueueLimit> Defaults { get; } =
    [
        new("general", 6), new("storage", 2), new("zfs_send", 1), new("zfs_recv", 3), new("vps", 4), new("network", 1), new("mail", 2), new("dns", 1), new("outage", 24), new("rollback", 6),
    ];
}

/// <summary>Takes a node's work from its queues, does it, reports.</summary>
/// <param name="handlers">One for each kind of work that the node does.</param>
public sealed class NodeWorker(INodeInbox inbox, IReadOnlyList<QueueLimit> queues, TimeProvider time, IReadOnlyList<ITransactionHandler> handlers)
{
    private readonly Dictionary<TransactionType, ITransactionHandler> _handlers = handlers.ToDictionary(static handler => handler.Type);

    private readonly WorkUnderWay _underWay = new();

    /// <summary>The work of every node with a pool: launches <c>zfs</c>.</summary>
    /// <param name="more">Handlers of work that not every node can do.</param>
    public NodeWorker(INodeInbox inbox, ZfsHost zfs, IReadOnlyList<QueueLimit> queues, TimeProvider time, IReadOnlyList<ITransactionHandler>? more = null)
        : this(inbox, queues, time, [.. Storage(inbox, zfs, time), .. more ?? []])
    {
    }

    private static ITransactionHandler[] Storage(INodeInbox inbox, ZfsHost zfs, TimeProvider time) =>
    [
        new CreateDatasetHandler(zfs),
        new DestroyDatasetHandler(zfs),
        new CreateSnapshotHandler(zfs, time),
        new DestroySnapshotHandler(zfs),
        new DownloadSnapshotHandler(zfs, inbox, time),
        new RemoveDownloadHandler(zfs),
        new CreateSnapshotsHandler(zfs, time),
        new RollbackDatasetHandler(zfs),
        new SetDatasetHandler(zfs),
        new LocalSendHandler(zfs, time),
        new BranchDatasetHandler(zfs),
        new PrepareRollbackHandler(zfs),
        new ApplyRollbackHandler(zfs),
        new SendSnapshotsHandler(zfs, inbox, time),
    ];

    /// <summary>
    /// Works until cancelled, then returns; work that was under way is stopped and cleaned up, and not reported. A failing inbox stops
    /// all queues and is thrown.
    /// </summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            await Task.WhenAll(queues.Select(queue => RunQueueAsync(queue, stop))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task RunQueueAsync(QueueLimit queue, CancellationTokenSource stop)
    {
        try
        {
            if (queue.StartDelay > TimeSpan.Zero)
                await Task.Delay(queue.StartDelay, time, stop.Token).ConfigureAwait(false);
            await Parallel.ForEachAsync(
                inbox.ReceiveAsync(queue.Name, stop.Token),
                new ParallelOptions { MaxDegreeOfParallelism = queue.Concurrency, CancellationToken = stop.Token },
                async (message, cancel) => await RunAsync(message, cancel).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunAsync(TransactionMessage message, CancellationToken cancel)
    {
        TransactionFinished finished;
        try
        {
            if (!_handlers.TryGetValue(message.Type, out var handler))
                throw new TransactionException($"This node does not know transactions of type {(int)message.Type}.");
            finished = await RunAsync(handler, message, cancel).ConfigureAwait(false);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            // Whatever failed while stopping may have failed because of it. The work comes again, and finds what is done.
            throw new OperationCanceledException(cancel);
        }
        catch (Exception exception)
        {
            finished = new TransactionFinished(message.Id, Success: false, (exception as TransactionException)?.Output, TransactionException.Describe(exception));
        }
        await inbox.ReportAsync(finished with { Rollback = message.Rollback, Nonce = message.Nonce }, cancel).ConfigureAwait(false);
    }

    private async Task<TransactionFinished> RunAsync(ITransactionHandler handler, TransactionMessage message, CancellationToken cancel)
    {
        if (!message.Rollback)
            return await ExecuteAsync(handler, message, cancel).ConfigureAwait(false);
        await _underWay.CallOffAsync(WorkKey.Of(message), cancel).ConfigureAwait(false);
        await handler.RollbackAsync(message, cancel).ConfigureAwait(false);
        return new TransactionFinished(message.Id, Success: true, Output: null, Error: null);
    }

    private async Task<TransactionFinished> ExecuteAsync(ITransactionHandler handler, TransactionMessage message, CancellationToken cancel)
    {
        using var work = _underWay.Begin(WorkKey.Of(message), cancel) ?? throw new TransactionException("It was called off before it began.");
        try
        {
            return new TransactionFinished(message.Id, Success: true, await handler.ExecuteAsync(message, work.Token).ConfigureAwait(false), Error: null);
        }
        catch (Exception exception) when (work.IsCalledOff)
        {
            throw new TransactionException("It was called off.", exception);
        }
    }
}
