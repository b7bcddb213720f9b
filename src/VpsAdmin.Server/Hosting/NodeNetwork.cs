using NATS.Client.Core;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Hosting;

/// <summary>What a pool of a node that is a process of its own occupies.</summary>
public sealed record FarPool(long PoolId, PoolRole Role, PoolUsage Usage);

/// <summary>What pools and datasets occupy on nodes that are processes of their own.</summary>
public interface INodeUsage
{
    /// <summary>As the nodes told last; pools of nodes that are away are not in it.</summary>
    /// <param name="pools">Those that are wanted; null: all.</param>
    Task<IReadOnlyList<FarPool>> GetAsync(IReadOnlySet<long>? pools, CancellationToken cancel);
}

/// <summary>The way to nodes that are processes of their own, where the server is set up with a broker. Elsewhere nothing of it is loaded.</summary>
internal sealed class NodeNetwork : IAsyncDisposable
{
    private readonly NatsLink _link;
    private readonly NatsBus _bus;
    private readonly NodePresence _presence;

    private NodeNetwork(NatsLink link, NatsBus bus, NodePresence presence) => (_link, _bus, _presence) = (link, bus, presence);

    /// <exception cref="SetupException">The broker cannot be reached, or a file of its settings cannot be read.</exception>
    public static async Task<NodeNetwork> ConnectAsync(BrokerOptions broker, TimeProvider time, CancellationToken cancel)
    {
        NatsLink? link = null;
        try
        {
            link = await NatsLink.ConnectAsync(new NatsSettings(broker.Url, broker.CredentialsFile, broker.CaFile) { Replicas = broker.Replicas }, "vpsadmin-server", time, cancel).ConfigureAwait(false);
            using var logs = LoggerFactory.Create(static logging => logging.AddSimpleConsole(static console => console.SingleLine = true));
            var bus = await NatsBus.OpenAsync(link, logs.CreateLogger<NatsBus>(), cancel).ConfigureAwait(false);
            return new NodeNetwork(link, bus, await NodePresence.OpenAsync(link, cancel).ConfigureAwait(false));
        }
        catch (Exception e) when (e is NatsException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (link is not null)
                await link.DisposeAsync().ConfigureAwait(false);
            throw new SetupException($"--nats: the broker at {broker.Url} cannot be used: {e.Message}", e);
        }
    }

    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton(_link);
        services.AddSingleton(_presence);
        services.AddSingleton<INodeBus>(s => new NodeRoutes(s.GetRequiredService<Installation>().NodeId, s.GetRequiredService<InProcessBus>(), _bus));
        services.AddSingleton<PresentNodes>();
        services.AddSingleton<INodesThere>(static s => s.GetRequiredService<PresentNodes>());
        services.AddSingleton<INodeUsage, PresentNodesUsage>();
        services.AddSingleton<IFarVpsWatch, AskingVpsWatch>();
        services.AddSingleton<IFarVpsConsoles, AskingVpsConsoles>();
        services.AddHostedService<NodeReception>();
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private sealed class AskingVpsWatch(NatsLink link) : IFarVpsWatch
    {
        public Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel) =>
            VpsSampling.AskAsync(link, nodeId, vpses, cancel);
    }

    private sealed class AskingVpsConsoles(NatsLink link) : IFarVpsConsoles
    {
        public Task<ConsoleAnswer?> ReadAsync(long nodeId, ConsoleQuestion question, CancellationToken cancel) => Nats.VpsConsoles.AskAsync(link, nodeId, question, cancel);
    }
}
