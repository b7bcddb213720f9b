using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Vpses;

/// <summary>The node in this process, and others where there is a way to them.</summary>
/// <param name="others">None, or one.</param>
internal sealed class LocalVpsWatch(Installation installation, ZfsHost zfs, IVpsRuntime runtime, TimeProvider time, IEnumerable<IFarVpsWatch> others) : IVpsWatch
{
    private readonly VpsObserver _observer = new(zfs, runtime, time);

    public async Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel)
    {
        if (nodeId == installation.NodeId)
            return await _observer.SampleAsync(vpses, cancel).ConfigureAwait(false);
        return others.FirstOrDefault() is { } far ? await far.SampleAsync(nodeId, vpses, cancel).ConfigureAwait(false) : null;
    }
}
