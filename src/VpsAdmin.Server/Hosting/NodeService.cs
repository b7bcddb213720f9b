using VpsAdmin.Node;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>The node that runs inside the server.</summary>
public sealed class NodeService(InProcessBus bus, ZfsHost zfs, Installation installation, TimeProvider time) : BackgroundService
{
    public bool IsUp => ExecuteTask is { IsCompleted: false };

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new NodeWorker(bus.Inbox(installation.NodeId), zfs, QueueLimit.Defaults, time).RunAsync(stoppingToken);
}
