namespace VpsAdmin.NodeHost.Tests.Network;

/// <summary>Servers and nodes in two namespaces, with database, broker and clients in the one of this process. Tests of it are explicit: they run where <see cref="PartitionTests"/> starts them.</summary>
public abstract class PartitionedServers : IAsyncLifetime
{
    private PrivateNetwork? _network;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ManyServers Many { get; } = new() { Address = PrivateNetwork.Here, BrokerCount = 1 };

    /// <summary>The other namespace.</summary>
    private protected PrivateNetwork Far => _network!;

    public async ValueTask InitializeAsync()
    {
        _network = await PrivateNetwork.CreateAsync(Cancel);
        await Many.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await using (_network)
            await Many.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
