using VpsAdmin.Node;

namespace VpsAdmin.Benchmarks;

internal static class BusWaiting
{
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
