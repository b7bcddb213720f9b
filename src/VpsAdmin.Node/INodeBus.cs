namespace VpsAdmin.Node;

/// <summary>
/// The server's end of the way to the nodes. Delivery is at least once: a node that restarts gets unfinished work again, and handlers find
/// what is done already.
/// </summary>
public interface INodeBus
{
    /// <remarks>A rollback withdraws the work itself: unless that is with the node already, it is not delivered (again).</remarks>
    /// <exception cref="UndeliverableException">It cannot be delivered, however often it is tried.</exception>
    Task DispatchAsync(long nodeId, TransactionMessage message, CancellationToken cancel);

    /// <summary>Results and progress of all nodes, each once, those on one transaction in their order. One reader, which may deal with several at once.</summary>
    IAsyncEnumerable<NodeReport> ReportsAsync(CancellationToken cancel);
}

/// <summary>Work cannot be delivered to its node, now or later.</summary>
public sealed class UndeliverableException(string message) : Exception(message);

/// <summary>A node's end.</summary>
public interface INodeInbox
{
    /// <summary>Work for one queue of this node, in the order of dispatch. One reader for each queue.</summary>
    IAsyncEnumerable<TransactionMessage> ReceiveAsync(string queue, CancellationToken cancel);

    Task ReportAsync(NodeEvent nodeEvent, CancellationToken cancel);
}
