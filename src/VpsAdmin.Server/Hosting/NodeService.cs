using VpsAdmin.Node;
using VpsAdmin.Node.Handlers;
using VpsAdmin.Node.Handlers.Vpses;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Mail;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>The node that runs inside the server.</summary>
public sealed class NodeService(
    InProcessBus bus, ZfsHost zfs, IVpsRuntime runtime, IServiceScopeFactory scopes, Installation installation, ServerOptions options, TimeProvider time) : BackgroundService
{
    private bool _runsVpses;

    /// <remarks>What the node can do is known before anybody is served.</remarks>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var ability = await runtime.ExamineAsync(cancellationToken).ConfigureAwait(false);
        _runsVpses = ability.Refusal is null;
        await NodeAbility.NoteAsync(scopes, installation.NodeId, ability, cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public bool IsUp => ExecuteTask is { IsCompleted: false };

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new NodeWorker(bus.Inbox(installation.NodeId), zfs, options.Queues, time, More()).RunAsync(stoppingToken);

    // Mail goes out from here, as nodes have no password of a relay.
    private IReadOnlyList<ITransactionHandler> More() =>
    [
        .. options.Mail.Host is null ? (ITransactionHandler[])[] : [new SendMailHandler(options.Mail, installation.DomainName, time)],
        .. _runsVpses ? VpsHandlers.All(zfs, runtime) : [],
    ];
}
