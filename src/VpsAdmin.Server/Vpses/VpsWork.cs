using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>Appends work on a VPS to chains. The VPS's row has its node, its dataset and that one's place loaded.</summary>
internal static class VpsWork
{
    /// <summary>Seconds that a system may take to shut down.</summary>
    public const int Patience = 60;

    /// <exception cref="ActionRefusedException">It has no dataset any more.</exception>
    public static DatasetInPool InPool(Vps vps) =>
        vps.Dataset?.InPools.SingleOrDefault(i => i.Pool.Role is not PoolRole.Backup && i.Pool.NodeId == vps.NodeId && i.Confirmed is not Confirmed.Destroy) ?? throw ActionRefusedException.Refused("this VPS is deleted");

    public static VpsPlace Place(Vps vps) => Place(vps, InPool(vps).Pool.Filesystem);

    /// <param name="filesystem">Of the pool, where it is not the one that the VPS is on now.</param>
    public static VpsPlace Place(Vps vps, string filesystem) => new(filesystem, vps.Dataset!.FullName, vps.Id);

    public static VpsConfiguration Configuration(Vps vps) =>
        new(vps.Hostname, vps.Template, new(vps.Memory, vps.CpuLimit, vps.ProcessLimit), vps.IpAddresses.Split(',', StringSplitOptions.RemoveEmptyEntries));

    public static PlannedTransaction Start(ChainBuilder chain, Vps vps) => Run(chain, vps, TransactionType.StartVps, Patience, running: true);

    /// <param name="patience">Seconds; 0: it is killed.</param>
    public static PlannedTransaction Stop(ChainBuilder chain, Vps vps, int patience = Patience) => Run(chain, vps, TransactionType.StopVps, patience, running: false);

    public static PlannedTransaction Restart(ChainBuilder chain, Vps vps, int patience) => Run(chain, vps, TransactionType.RestartVps, patience, running: true);

    /// <param name="replace">A snapshot was taken of what is there.</param>
    public static PlannedTransaction Install(ChainBuilder chain, Vps vps, string template, bool replace) =>
        chain.Append(vps.NodeId, TransactionType.InstallVps, Json(new InstallVpsInput(Place(vps), template, replace), NodeJson.Default.InstallVpsInput));

    /// <param name="before">Null: the VPS has not been set up there.</param>
    public static PlannedTransaction Configure(ChainBuilder chain, Vps vps, VpsConfiguration configuration, VpsConfiguration? before) =>
        chain.Append(vps.NodeId, TransactionType.ConfigureVps, Json(new ConfigureVpsInput(Place(vps), configuration, before), NodeJson.Default.ConfigureVpsInput));

    public static PlannedTransaction Destroy(ChainBuilder chain, Vps vps) =>
        chain.Append(vps.NodeId, TransactionType.DestroyVps, Json(new DestroyVpsInput(Place(vps)), NodeJson.Default.DestroyVpsInput));

    /// <exception cref="ActionRefusedException">The node does not run VPSes, or has no such template.</exception>
    public static void RequireRuntime(Data.Node node, string? template = null)
    {
        if (!node.RunsVpses)
            throw ActionRefusedException.Refused($"node {node.DomainName} does not run VPSes: {node.VpsRefusal ?? "it has not been seen yet"}");
        if (template is not null && !node.VpsTemplates.Split(',').Contains(template))
            throw ActionRefusedException.Invalid("template", $"node {node.DomainName} has no template '{template}'");
    }

    public static JsonNode Json<T>(T input, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(input, type)!;

    private static PlannedTransaction Run(ChainBuilder chain, Vps vps, TransactionType type, int patience, bool running) =>
        chain.Append(vps.NodeId, type, Json(new RunVpsInput(Place(vps), patience), NodeJson.Default.RunVpsInput))
            .EditAfter<Vps>(vps.Id, (nameof(Vps.IsRunning), running), (nameof(Vps.Uptime), running ? 0L : null), (nameof(Vps.ProcessCount), null), (nameof(Vps.UsedMemory), null), (nameof(Vps.Load), null));
}
