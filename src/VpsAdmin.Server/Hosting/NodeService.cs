using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Node.Handlers;
using VpsAdmin.Node.Handlers.Vpses;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Node.Streams;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Mail;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>The node that runs inside the server.</summary>
public sealed class NodeService(
    InProcessBus bus, ZfsHost zfs, IVpsRuntime runtime, Installation installation, ServerOptions options, IServiceScopeFactory scopes, TimeProvider time,
    ILogger<NodeService> log) : BackgroundService
{
    private StreamListener? _streams;
    private bool _runsVpses;

    public bool IsUp => ExecuteTask is { IsCompleted: false };

    /// <exception cref="SetupException">Streams of other nodes cannot be listened for.</exception>
    /// <remarks>What the node can do is known before anybody is served.</remarks>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var ability = installation.PoolFilesystem is null ? new VpsAbility("it has no pool", []) : await runtime.ExamineAsync(cancellationToken).ConfigureAwait(false);
        _runsVpses = ability.Refusal is null;
        foreach (var pool in installation.Pools)
            await new NestedDataset(zfs).MountAllAsync(pool.Filesystem, line => log.LogWarning("{Line}", line), cancellationToken).ConfigureAwait(false);
        if (_runsVpses)
            await new VpsAutostart(zfs, runtime, VpsAutostart.Machine).RunAsync([.. installation.Pools.Take(1).Select(static p => p.Filesystem)], line => log.LogInformation("{Line}", line), cancellationToken).ConfigureAwait(false);
        await NodeAbility.NoteAsync(scopes, installation.NodeId, ability, cancellationToken).ConfigureAwait(false);
        if (options.Streams is not null)
            _streams = await ListenAsync(options.Streams, cancellationToken).ConfigureAwait(false);
        await TellAddressAsync(_streams is null ? null : options.Streams!.AddressOf(installation.DomainName, _streams.EndPoint), cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var worker = new NodeWorker(bus.Inbox(installation.NodeId), zfs, options.Queues, time, More());
        if (_streams is null)
        {
            await worker.RunAsync(stoppingToken).ConfigureAwait(false);
            return;
        }
        await using (_streams.ConfigureAwait(false))
            await _streams.RunBesideAsync(worker.RunAsync, stoppingToken).ConfigureAwait(false);
    }

    private async Task<StreamListener> ListenAsync(StreamSettings settings, CancellationToken cancel)
    {
        try
        {
            return await StreamListener.OpenAsync(
                zfs, settings.EndPoint, [.. installation.Pools.Select(static p => p.Filesystem)], QueueLimit.Of(options.Queues, "zfs_recv"), time,
                line => log.LogWarning("Streams: {Line}", line), cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ZfsException or TransactionException)
        {
            throw new SetupException($"--streams: '{settings.Listen}' cannot be listened on: {e.Message}", e);
        }
    }

    private async Task TellAddressAsync(string? address, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        await scope.ServiceProvider.GetRequiredService<VpsAdminDb>().Nodes.Where(n => n.Id == installation.NodeId)
            .ExecuteUpdateAsync(set => set.SetProperty(static n => n.StreamAddress, address), cancel).ConfigureAwait(false);
    }

    // Mail goes out from here, as nodes have no password of a relay.
    private IReadOnlyList<ITransactionHandler> More() =>
    [
        .. _streams?.Handlers ?? [],
        .. options.Mail.Host is null ? (ITransactionHandler[])[] : [new SendMailHandler(options.Mail, installation.DomainName, time)],
        .. _runsVpses ? VpsHandlers.All(zfs, runtime) : [],
    ];
}
