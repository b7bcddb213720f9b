using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Vpses;

/// <summary>Appends work on a VPS to chains.</summary>
internal static class VpsWork
{
    /// <summary>Seconds that a system may take to shut down.</summary>
    public const int Patience = 60;

    public static VpsConfiguration Configuration(Vps vps) =>
        new(vps.Hostname, vps.Template, new(vps.Memory, vps.CpuLimit, vps.ProcessLimit), vps.IpAddresses.Split(',', StringSplitOptions.RemoveEmptyEntries));

    public static PlannedTransaction Start(ChainBuilder chain, VpsSeat seat) => Run(chain, seat, TransactionType.StartVps, Patience, running: true);

    /// <param name="patience">Seconds; 0: it is killed.</param>
    public static PlannedTransaction Stop(ChainBuilder chain, VpsSeat seat, int patience = Patience) => Run(chain, seat, TransactionType.StopVps, patience, running: false);

    /// <param name="patience">Seconds; 0: it is killed.</param>
    public static PlannedTransaction Restart(ChainBuilder chain, VpsSeat seat, int patience) => Run(chain, seat, TransactionType.RestartVps, patience, running: true);

    /// <param name="replace">A snapshot was taken of what is there.</param>
    public static PlannedTransaction Install(ChainBuilder chain, VpsSeat seat, string template, bool replace) =>
        chain.Append(seat.NodeId, TransactionType.InstallVps, Json(new InstallVpsInput(seat.Place, template, replace), NodeJson.Default.InstallVpsInput));

    /// <param name="before">Null: the VPS has not been set up there.</param>
    public static PlannedTransaction Configure(ChainBuilder chain, VpsSeat seat, VpsConfiguration configuration, VpsConfiguration? before) =>
        chain.Append(seat.NodeId, TransactionType.ConfigureVps, Json(new ConfigureVpsInput(seat.Place, configuration, before), NodeJson.Default.ConfigureVpsInput));

    /// <summary>What the node keeps of it; not its datasets.</summary>
    public static PlannedTransaction Destroy(ChainBuilder chain, VpsSeat seat) =>
        chain.Append(seat.NodeId, TransactionType.DestroyVps, Json(new DestroyVpsInput(seat.Place), NodeJson.Default.DestroyVpsInput));

    private static PlannedTransaction Run(ChainBuilder chain, VpsSeat seat, TransactionType type, int patience, bool running) =>
        chain.Append(seat.NodeId, type, Json(new RunVpsInput(seat.Place, patience), NodeJson.Default.RunVpsInput)).EditAfter<Vps>(
            seat.Place.VpsId, (nameof(Vps.IsRunning), running), (nameof(Vps.Uptime), running ? 0L : null), (nameof(Vps.ProcessCount), null),
            (nameof(Vps.UsedMemory), null), (nameof(Vps.Load), null));

    private static JsonNode Json<T>(T input, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(input, type)!;
}
