using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using NATS.Client.Core;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.Node.Handlers.Vpses;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.NodeHost;

/// <summary>Introduces the node, works, and says that it is there.</summary>
internal sealed class NodeWork(
    NodeOptions options, NodeIdentity identity, NatsLink link, ZfsHost zfs, IServer server, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<NodeWork> log)
    : BackgroundService
{
    public bool IsUp { get; private set; }

    /// <summary>It stopped because it could not go on, and not because it was told to.</summary>
    public bool HasFailed { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await WorkAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (NodeSetupException e)
        {
            log.LogCritical("The node cannot work: {Reason}", e.Message);
            Fail();
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            log.LogCritical(e, "The node cannot go on");
            Fail();
        }
        finally
        {
            IsUp = false;
        }
    }

    private void Fail()
    {
        HasFailed = true;
        lifetime.StopApplication();
    }

    private async Task WorkAsync(CancellationToken cancel)
    {
        // Where downloads are served is known when the addresses are listened on, and told with the introduction.
        await StartedAsync(cancel).ConfigureAwait(false);
        await using var streams = await ListenAsync(cancel).ConfigureAwait(false);
        var address = streams is null ? null : options.Streams!.AddressOf(options.Name, streams.EndPoint);
        var url = options.BaseUrl?.AbsoluteUri.TrimEnd('/') ?? server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var runtime = new LxcRuntime(options.Vpses, time);
        var ability = await runtime.ExamineAsync(cancel).ConfigureAwait(false);
        if (ability.Refusal is not null)
            log.LogInformation("The node does storage and no VPSes: {Reason}", ability.Refusal);
        var welcome = await Introductions.IntroduceAsync(link, new NodeHello(options.Name, options.Pools, url, address) { Vpses = ability }, log, cancel).ConfigureAwait(false);
        if (welcome.Refusal is not null)
            throw new NodeSetupException(welcome.Refusal);
        identity.Learn(welcome);
        foreach (var pool in options.Pools)
            await new NestedDataset(zfs).MountAllAsync(pool, line => log.LogWarning("{Line}", line), cancel).ConfigureAwait(false);
        if (ability.Refusal is null)
            await new VpsAutostart(zfs, runtime, VpsAutostart.Machine).RunAsync(options.Pools, line => log.LogInformation("{Line}", line), cancel).ConfigureAwait(false);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var inbox = new NatsInbox(link, welcome.NodeId, options.Queues, time, log);
        var beside = Task.WhenAll(inbox.KeepAsync(stop.Token), TellAsync(welcome.NodeId, stop.Token), AnswerAsync(welcome.NodeId, runtime, stop.Token));
        var more = ability.Refusal is null ? VpsHandlers.All(zfs, runtime) : [];
        IsUp = true;
        log.LogInformation("Node {Node} ({Name}) is at work; its downloads are at {Url}", welcome.NodeId, options.Name, url);
        if (address is not null)
            log.LogInformation("Other nodes send snapshots to {Address}", address);
        try
        {
            var worker = new NodeWorker(inbox, zfs, options.Queues, time, [.. streams?.Handlers ?? [], .. more]);
            await (streams is null ? worker.RunAsync(cancel) : streams.RunBesideAsync(worker.RunAsync, cancel)).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await beside.ConfigureAwait(false);
        }
    }

    private async Task<StreamListener?> ListenAsync(CancellationToken cancel)
    {
        if (options.Streams is null)
            return null;
        try
        {
            return await StreamListener.OpenAsync(
                zfs, options.Streams.EndPoint, options.Pools, QueueLimit.Of(options.Queues, "zfs_recv"), time, line => log.LogWarning("Streams: {Line}", line), cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ZfsException or TransactionException)
        {
            throw new NodeSetupException($"--streams: '{options.Streams.Listen}' cannot be listened on: {e.Message}", e);
        }
    }

    private async Task StartedAsync(CancellationToken cancel)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancel).ConfigureAwait(false);
    }

    private async Task AnswerAsync(long nodeId, LxcRuntime runtime, CancellationToken cancel)
    {
        try
        {
            await Task.WhenAll(
                VpsSampling.AnswerAsync(link, nodeId, new VpsObserver(zfs, runtime, time).SampleAsync, log, cancel),
                VpsConsoles.AnswerAsync(link, nodeId, new VpsConsole(zfs).ReadAsync, log, cancel)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task TellAsync(long nodeId, CancellationToken cancel)
    {
        using var beat = new PeriodicTimer(NodePresence.Interval, time);
        NodePresence? presence = null;
        try
        {
            do
            {
                try
                {
                    presence ??= await NodePresence.OpenAsync(link, cancel).ConfigureAwait(false);
                    await presence.TellAsync(nodeId, new NodeStatus(await UsageAsync(cancel).ConfigureAwait(false)), cancel).ConfigureAwait(false);
                }
                catch (Exception e) when (!cancel.IsCancellationRequested)
                {
                    // Whatever it is: it is to be told again.
                    log.LogWarning("The broker does not hear that this node is there: {Reason}", e.Message);
                }
            }
            while (await beat.WaitForNextTickAsync(cancel).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task<IReadOnlyList<PoolUsage>> UsageAsync(CancellationToken cancel)
    {
        var pools = new List<PoolUsage>();
        foreach (var pool in options.Pools)
        {
            try
            {
                pools.Add(await PoolUsage.ReadAsync(zfs, pool, cancel).ConfigureAwait(false));
            }
            catch (ZfsException e)
            {
                log.LogWarning("What is on {Pool} is not known: {Reason}", pool, e.Message);
            }
        }
        return pools;
    }
}
