using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Transfers;

/// <summary>A server on a real ZFS with a second node.</summary>
public sealed class FarServer : IAsyncLifetime
{
    private FarNode? _far;

    public RealServer Server { get; } = new();

    internal FarNode Far => _far!;

    public async ValueTask InitializeAsync()
    {
        await Server.InitializeAsync();
        if (Server.IsAvailable)
            _far = await FarNode.StartAsync(Server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_far is not null)
            await _far.DisposeAsync();
        await Server.DisposeAsync();
    }
}
