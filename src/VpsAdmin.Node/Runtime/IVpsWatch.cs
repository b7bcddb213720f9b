namespace VpsAdmin.Node.Runtime;

/// <summary>Looks at VPSes that run on nodes.</summary>
public interface IVpsWatch
{
    /// <summary>How VPSes of a node are: no sample is of a time before it was asked for.</summary>
    /// <returns>None of those that the node cannot tell of; null: the node does not answer.</returns>
    Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel);
}
