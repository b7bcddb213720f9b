using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>A VPS on a node: where it is, or where it is going to.</summary>
internal sealed record VpsSeat(long NodeId, VpsPlace Place)
{
    /// <param name="vps">Loaded with its dataset and the places of that.</param>
    /// <exception cref="ActionRefusedException">It has no dataset any more.</exception>
    public static VpsSeat Of(Vps vps) => In(vps, InPool(vps).Pool);

    public static VpsSeat In(Vps vps, Pool pool) => new(pool.NodeId, new(pool.Filesystem, vps.Dataset!.FullName, vps.Id));

    /// <exception cref="ActionRefusedException">It has no dataset any more.</exception>
    public static DatasetInPool InPool(Vps vps) =>
        vps.Dataset is { } dataset && dataset.InPools.Exists(static i => i.Confirmed is not Confirmed.Destroy) ? dataset.Worked : throw ActionRefusedException.Refused("this VPS is deleted");
}
