using VpsAdmin.Nats;

namespace VpsAdmin.NodeHost;

/// <summary>What the server calls this node and its pools, once it has said so.</summary>
internal sealed class NodeIdentity
{
    private volatile NodeWelcome? _welcome;

    public void Learn(NodeWelcome welcome) => _welcome = welcome;

    /// <summary>Null: the pool is none of this node's, or nobody has said yet.</summary>
    public string? FilesystemOf(long poolId) => _welcome?.Pools.FirstOrDefault(p => p.Value == poolId).Key;
}
