using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Vpses;

/// <summary>Reads consoles of VPSes of nodes that are processes of their own.</summary>
public interface IFarVpsConsoles : IVpsConsoles;

/// <summary>The node in this process, and others where there is a way to them.</summary>
/// <param name="others">None, or one.</param>
internal sealed class VpsConsoles(Installation installation, ZfsHost zfs, IEnumerable<IFarVpsConsoles> others) : IVpsConsoles
{
    private readonly VpsConsole _here = new(zfs);

    public async Task<ConsoleAnswer?> ReadAsync(long nodeId, ConsoleQuestion question, CancellationToken cancel)
    {
        if (nodeId == installation.NodeId)
            return new(await _here.ReadAsync(question, cancel).ConfigureAwait(false));
        return others.FirstOrDefault() is { } far ? await far.ReadAsync(nodeId, question, cancel).ConfigureAwait(false) : null;
    }
}
