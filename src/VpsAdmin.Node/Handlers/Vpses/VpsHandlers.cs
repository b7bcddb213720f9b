using VpsAdmin.Node.Runtime;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers.Vpses;

/// <summary>The work on VPSes.</summary>
public static class VpsHandlers
{
    public static IReadOnlyList<ITransactionHandler> All(ZfsHost zfs, IVpsRuntime runtime)
    {
        var (homes, nested, machine) = (new VpsHomes(zfs), new NestedDataset(zfs), VpsAutostart.Machine);
        return
        [
            new InstallVpsHandler(zfs, homes, runtime),
            new ConfigureVpsHandler(homes, runtime),
            new DestroyVpsHandler(homes, runtime),
            new RunVpsHandler(TransactionType.StartVps, homes, nested, runtime, machine),
            new RunVpsHandler(TransactionType.StopVps, homes, nested, runtime, machine),
            new RunVpsHandler(TransactionType.RestartVps, homes, nested, runtime, machine),
        ];
    }
}
