using System.Runtime.CompilerServices;
using VpsAdmin.Node;

namespace VpsAdmin.Server.Hosting;

/// <summary>Two buses as one: the node in this process, and all others.</summary>
internal sealed class NodeRoutes(long localNode, INodeBus local, INodeBus others) : INodeBus
{
    public Task DispatchAsync(long nodeId, TransactionMessage message, CancellationToken cancel) =>
        (nodeId == localNode ? local : others).DispatchAsync(nodeId, message, cancel);

    public async IAsyncEnumerable<NodeReport> ReportsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var near = local.ReportsAsync(cancel).GetAsyncEnumerator(cancel);
        await using var _ = near.ConfigureAwait(false);
        var far = others.ReportsAsync(cancel).GetAsyncEnumerator(cancel);
        await using var __ = far.ConfigureAwait(false);
        var (nextNear, nextFar) = (near.MoveNextAsync().AsTask(), far.MoveNextAsync().AsTask());
        try
        {
            while (true)
            {
                var first = await Task.WhenAny(nextNear, nextFar).ConfigureAwait(false);
                if (!await first.ConfigureAwait(false))
                    yield break;
                if (first == nextNear)
                {
                    yield return near.Current;
                    nextNear = near.MoveNextAsync().AsTask();
                }
                else
                {
                    yield return far.Current;
                    nextFar = far.MoveNextAsync().AsTask();
                }
            }
        }
        finally
        {
            // An enumerator must not be disposed while it is asked; both end with the token, or never had more to say.
            await ((Task)Task.WhenAll(nextNear, nextFar)).WaitAsync(TimeSpan.FromSeconds(5), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
