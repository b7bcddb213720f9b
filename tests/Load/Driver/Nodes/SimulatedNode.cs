using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Load.Nodes;

/// <param name="Presence">How often a node tells that it is there, and what its datasets occupy.</param>
/// <param name="Work">How long a piece of work takes.</param>
internal sealed record NodeTimes(TimeSpan Presence, TimeSpan Work);

/// <summary>A node as the server and the broker see it: a connection, consumers, introduction, presence, answers. Only the storage is missing.</summary>
/// <param name="datasets">Names of the datasets on its one pool.</param>
/// <param name="pool">As rows.sql and vault.sql name it.</param>
internal sealed class SimulatedNode(string name, IReadOnlyList<string> datasets, NatsSettings broker, NodeTimes times, NodeCounts counts, TimeProvider time, ILogger log, string pool = "tank/vps") : IAsyncDisposable
{
    /// <summary>Where it would take streams, in place of all nodes: nobody connects to it.</summary>
    private const string StreamAddress = "127.0.0.1:4569";

    private const long Gibibyte = 1L << 30;

    private readonly CancellationTokenSource _end = new();
    private NatsLink? _link;
    private Task _work = Task.CompletedTask;

    /// <summary>Returns when the node is at work.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        _link = await NatsLink.ConnectAsync(broker with { Node = name }, $"vpsadmin-node {name}", time, cancel);
        var hello = new NodeHello(name, [pool], "http://127.0.0.1:4568", StreamAddress) { Vpses = new VpsAbility(null, ["debian-12"]) };
        var welcome = await Introductions.IntroduceAsync(_link, hello, log, cancel);
        if (welcome.Refusal is not null)
            throw new InvalidOperationException(welcome.Refusal);
        _work = WorkAsync(_link, welcome.NodeId, _end.Token);
    }

    /// <summary>Until the node is disposed of; it fails when the node cannot go on.</summary>
    public Task Work => _work;

    private async Task WorkAsync(NatsLink link, long id, CancellationToken cancel)
    {
        var inbox = new NatsInbox(link, id, QueueLimit.Defaults, time, log);
        var worker = new NodeWorker(inbox, QueueLimit.Defaults, time, FakeStorage.All(times.Work, counts, time));
        try
        {
            await Task.WhenAll(worker.RunAsync(cancel), inbox.KeepAsync(cancel), TellAsync(link, id, cancel), VpsSampling.AnswerAsync(link, id, SampleAsync, log, cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private Task<IReadOnlyList<VpsSample>> SampleAsync(IReadOnlyList<VpsPlace> vpses, CancellationToken cancel)
    {
        counts.Asked(vpses.Count);
        var uptime = time.GetTimestamp() / time.TimestampFrequency;
        return Task.FromResult<IReadOnlyList<VpsSample>>([.. vpses.Select(v => new VpsSample(v.VpsId, IsRunning: true, uptime, Processes: 40, UsedMemory: Gibibyte / 2, Load: 0.2))]);
    }

    private async Task TellAsync(NatsLink link, long id, CancellationToken cancel)
    {
        var status = new NodeStatus([new PoolUsage(pool, datasets.Count * Gibibyte, 1024 * Gibibyte, [.. datasets.Select(static d => new OccupiedDataset(d, Gibibyte, Gibibyte, Gibibyte))])]);
        // Nodes that were started together do not speak together.
        await Task.Delay(Random.Shared.NextDouble() * times.Presence, time, cancel);
        using var beat = new PeriodicTimer(times.Presence, time);
        NodePresence? presence = null;
        do
        {
            try
            {
                presence ??= await NodePresence.OpenAsync(link, cancel);
                await presence.TellAsync(id, status, cancel);
                counts.Told();
            }
            catch (NatsException e)
            {
                counts.NotHeard();
                log.LogWarning("Node {Node} is not heard: {Reason}", name, e.Message);
            }
        }
        while (await beat.WaitForNextTickAsync(cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_link is not null)
            await _link.DisposeAsync();
        _end.Dispose();
    }
}
