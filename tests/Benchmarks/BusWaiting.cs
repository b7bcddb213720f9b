using VpsAdmin.Node;

namespace VpsAdmin.Benchmarks;

internal static class BusWaiting
{
    /// <summary>Hands out a transaction to a node and waits until it is done.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task DoAsync(this InProcessBus bus, long node, TransactionMessage message, CancellationToken cancel)
    {
        await bus.DispatchAsync(node, message, cancel).ConfigureAwait(false);
        await bus.FinishAsync(message, cancel).ConfigureAwait(false);
    }

    /// <summary>Waits until the node has said that the transaction is done.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task FinishAsync(this InProcessBus bus, TransactionMessage message, CancellationToken cancel)
    {
        await foreach (var nodeEvent in bus.EventsAsync(cancel).ConfigureAwait(false))
        {
            if (nodeEvent is TransactionFinished finished && finished.TransactionId == message.Id)
            {
                if (finished.Success)
                    return;
                throw new InvalidOperationException(finished.Error);
            }
        }
    }
}
