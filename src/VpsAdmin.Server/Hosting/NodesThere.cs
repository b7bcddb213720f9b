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
    /// <summary>Plans ask for each dataset, and pages for each pool.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, (long Asked, NodeStatus? Told)> _known = [];

    public async Task<bool> IsThereAsync(long nodeId, CancellationToken cancel) =>
        nodeId == installation.NodeId || await FindAsync(nodeId, cancel).ConfigureAwait(false) is not null;

    /// <returns>What the node told last; null: it is not there.</returns>
    public async Task<NodeStatus?> FindAsync(long nodeId, CancellationToken cancel)
    {
        var isKnown = _known.TryGetValue(nodeId, out var known);
        if (isKnown && time.GetElapsedTime(known.Asked) < Fresh)
            return known.Told;
        var (told, reason) = await AskAsync(nodeId, cancel).ConfigureAwait(false);
        var now = (time.GetTimestamp(), told);
        // Once for each time it goes, not for each dataset of each plan of a night, some of which ask at once.
        if (!(isKnown ? _known.TryUpdate(nodeId, now, known) : _known.TryAdd(nodeId, now)))
            return told;
        if (told is null && (!isKnown || known.Told is not null))
            log.LogWarning("Node {Node} is not there ({Reason}): backups to its pools are left for the next time", nodeId, reason);
        else if (told is not null && isKnown && known.Told is null)
            log.LogInformation("Node {Node} is there again", nodeId);
        return told;
    }

    private async Task<(NodeStatus? Told, string Reason)> AskAsync(long nodeId, CancellationToken cancel)
    {
        try
        {
            return (await presence.FindAsync(nodeId, cancel).ConfigureAwait(false), "it has told nothing for 45 seconds");
        }
        catch (NatsException e)
        {
            return (null, e.Message);
        }
    }
}
