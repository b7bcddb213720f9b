using VpsAdmin.Node;
using VpsAdmin.Node.Handlers;
using VpsAdmin.Server.Mail;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>The node that runs inside the server.</summary>
public sealed class NodeService(InProcessBus bus, ZfsHost zfs, Installation installation, ServerOptions options, TimeProvider time) : BackgroundService
{
    public bool IsUp => ExecuteTask is { IsCompleted: false };

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new NodeWorker(bus.Inbox(installation.NodeId), zfs, options.Queues, time, More()).RunAsync(stoppingToken);

    // Mail goes out from here, as nodes have no password of a relay.
    private IReadOnlyList<ITransactionHandler> More() =>
        options.Mail.Host is null ? [] : [new SendMailHandler(options.Mail, installation.DomainName, time)];
}
