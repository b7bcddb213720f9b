using System.Collections.Concurrent;
using NATS.Client.Core;
using VpsAdmin.Nats;

namespace VpsAdmin.Server.Hosting;

/// <summary>Which nodes are there. Work for others waits, with all that its chain has locked, until they come back.</summary>
public interface INodesThere
{
    /// <summary>Whether a node takes work now. What can wait for another time is not begun where it does not.</summary>
    Task<bool> IsThereAsync(long nodeId, CancellationToken cancel);
}

/// <summary>Without a broker nobody can tell; the one node with work is in the server.</summary>
internal sealed class AllNodesThere : INodesThere
{
    public Task<bool> IsThereAsync(long nodeId, CancellationToken cancel) => Task.FromResult(true);
}

/// <summary>As the broker knows it. While the broker is away no node can be reached.</summary>
internal sealed class PresentNodes(NodePresence presence, Installation installation, TimeProvider time, ILogger<PresentNodes> log) : INodesThere
{
    /// <summary>Plans ask for each dataset.</summary>
    private static readonly TimeSpan Fresh = NodePresence.Interval;

    private readonly ConcurrentDictionary<long, (long Asked, bool IsThere)> _known = [];

    public async Task<bool> IsThereAsync(long nodeId, CancellationToken cancel)
    {
        if (nodeId == installation.NodeId)
            return true;
        if (_known.TryGetValue(nodeId, out var known) && time.GetElapsedTime(known.Asked) < Fresh)
            return known.IsThere;
        var isThere = await AskAsync(nodeId, cancel).ConfigureAwait(false);
        _known[nodeId] = (time.GetTimestamp(), isThere);
        return isThere;
    }

    private async Task<bool> AskAsync(long nodeId, CancellationToken cancel)
    {
        var reason = "it has told nothing for 45 seconds";
        try
        {
            if (await presence.FindAsync(nodeId, cancel).ConfigureAwait(false) is not null)
                return true;
        }
        catch (NatsException e)
        {
            reason = e.Message;
        }
        log.LogWarning("Node {Node} is not there ({Reason}): backups to its pools are left for the next time", nodeId, reason);
        return false;
    }
}
