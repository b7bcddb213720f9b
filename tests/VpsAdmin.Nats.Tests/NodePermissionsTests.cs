using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;
using VpsAdmin.Lab;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Nats.Tests;

/// <summary>A broker that heeds the permissions which are printed for nodes.</summary>
public sealed class NodePermissionsTests : IAsyncLifetime
{
    private const string Name = "node2.example.org";

    private static readonly IReadOnlyList<QueueLimit> Queues = [new("general", 4)];

    private readonly string _credentials = Path.GetTempFileName();
    private NatsBroker _broker = null!;
    private NatsLink _server = null!;
    private NatsLink _node = null!;
    private NatsBus _bus = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await NatsBroker.StartAsync(Cancel, $$"""
            authorization { users: [
              { user: server, password: s },
              { user: node2, password: "n:2", permissions: {{NodePermissions.Write(2, Name, Queues.Select(static q => q.Name))}} }
            ] }
            """);
        Assert.SkipUnless(_broker.Available, _broker.Reason ?? "");
        _server = await ConnectAsync("server:s", node: null);
        _bus = await NatsBus.OpenAsync(_server, NullLogger.Instance, Cancel);
        _node = await ConnectAsync("node2:n:2", Name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await _broker.DisposeAsync();
        File.Delete(_credentials);
    }

    [Fact]
    public async Task They_suffice_for_all_that_a_node_does()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reception = Introductions.AnswerAsync(
            _server, static (hello, _) => Task.FromResult(new NodeWelcome(null, 2, new Dictionary<string, long> { [hello.Pools[0]] = 7 })), NullLogger.Instance, stop.Token);
        var welcome = await Introductions.IntroduceAsync(_node, new NodeHello(Name, ["tank/vps"], "http://127.0.0.1:1"), NullLogger.Instance, Cancel);
        Assert.Equal((2, 7), (welcome.NodeId, welcome.Pools["tank/vps"]));

        var status = new NodeStatus([new PoolUsage("tank/vps", 1, 2, [new OccupiedDataset("101", 3, 4, 5)])]);
        await (await NodePresence.OpenAsync(_node, Cancel)).TellAsync(2, status, Cancel);
        var told = await (await NodePresence.OpenAsync(_server, Cancel)).FindAsync(2, Cancel);
        Assert.Equal(status.Pools[0].Datasets, told!.Pools[0].Datasets);
        Assert.Null(await (await NodePresence.OpenAsync(_server, Cancel)).FindAsync(3, Cancel));

        await _bus.DispatchAsync(2, Message(1), Cancel);
        var inbox = Inbox(2);
        for (var reader = 0; reader < 2; reader++)
        {
            await using var work = inbox.ReceiveAsync("general", Cancel).GetAsyncEnumerator(Cancel);
            Assert.True(await work.MoveNextAsync());
        }
        await inbox.ReportAsync(new TransactionFinished(1, Success: true, Output: null, Error: null), Cancel);
        await using var events = _bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel);
        await events.MoveNextAsync();
        Assert.Equal(1, events.Current.TransactionId);

        var answering = VpsSampling.AnswerAsync(
            _node, 2, static (vpses, _) => Task.FromResult<IReadOnlyList<VpsSample>>([new(vpses[0].VpsId, IsRunning: true, Uptime: 5)]), NullLogger.Instance, stop.Token);
        IReadOnlyList<VpsSample>? samples;
        do
            samples = await VpsSampling.AskAsync(_server, 2, [new VpsPlace("tank/vps", "101", 101)], Cancel);
        while (samples is null); // It has not subscribed yet.
        Assert.Equal([new VpsSample(101, IsRunning: true, Uptime: 5)], samples);
        Assert.Null(await VpsSampling.AskAsync(_server, 3, [new VpsPlace("tank/vps", "101", 101)], Cancel));

        var telling = VpsConsoles.AnswerAsync(_node, 2, static (question, _) => Task.FromResult<string?>($"the last {question.Length} bytes"), NullLogger.Instance, stop.Token);
        ConsoleAnswer? console;
        do
            console = await VpsConsoles.AskAsync(_server, 2, new(new VpsPlace("tank/vps", "101", 101), 100), Cancel);
        while (console is null); // As above.
        Assert.Equal("the last 100 bytes", console.Text);

        await stop.CancelAsync();
        await Task.WhenAll(reception, answering, telling);
    }

    [Fact]
    public async Task A_node_that_cannot_be_answered_asks_again_and_others_are_answered()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var asked = 0;
        var reception = Introductions.AnswerAsync(
            _server, (_, _) => Interlocked.Increment(ref asked) == 1 ? throw new InvalidOperationException("the database is away") : Task.FromResult(new NodeWelcome(null, 2, new Dictionary<string, long>())),
            NullLogger.Instance, stop.Token);
        var hello = new NodeHello(Name, ["tank/vps"], "http://127.0.0.1:1");
        do
            await AskOnceAsync(hello);
        while (Volatile.Read(ref asked) == 0);
        var welcome = await Introductions.IntroduceAsync(_node, hello, NullLogger.Instance, Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal(2, welcome.NodeId);
        Assert.False(reception.IsCompleted);
        await stop.CancelAsync();
        await reception;
    }

    [Fact]
    public async Task They_do_not_let_a_node_take_the_work_of_another()
    {
        await _bus.DispatchAsync(3, Message(1), Cancel);
        var others = new ConsumerConfig(Subjects.QueueConsumer(3, "general")) { FilterSubject = Subjects.QueueOf(3, "general") };
        await Assert.ThrowsAnyAsync<NatsException>(async () => await _node.JetStream.CreateOrUpdateConsumerAsync(Subjects.WorkStream, others, Cancel));
        // Nor by a consumer that bears its own name.
        var disguised = new ConsumerConfig(Subjects.QueueConsumer(2, "general")) { FilterSubject = Subjects.QueueOf(3, "general") };
        await Assert.ThrowsAnyAsync<NatsException>(async () => await _node.JetStream.CreateOrUpdateConsumerAsync(Subjects.WorkStream, disguised, Cancel));
        await Assert.ThrowsAnyAsync<NatsException>(async () => await _node.JetStream.GetConsumerAsync(Subjects.WorkStream, Subjects.QueueConsumer(3, "general"), Cancel));
    }

    private async Task AskOnceAsync(NodeHello hello)
    {
        try
        {
            await _node.Connection.RequestAsync<byte[], byte[]>(
                Subjects.Introduction(Name), JsonSerializer.SerializeToUtf8Bytes(hello), replyOpts: new NatsSubOpts { Timeout = TimeSpan.FromMilliseconds(200) }, cancellationToken: Cancel);
        }
        catch (NatsException)
        {
            // Nobody has subscribed yet, or there is no answer.
        }
    }

    private async Task<NatsLink> ConnectAsync(string credentials, string? node)
    {
        await File.WriteAllTextAsync(_credentials, credentials + "\n", Cancel);
        return await NatsLink.ConnectAsync(new NatsSettings(_broker.Url, _credentials) { Node = node }, "test", TimeProvider.System, Cancel);
    }

    private NatsInbox Inbox(long node) => new(_node, node, Queues, TimeProvider.System, NullLogger.Instance);

    private static TransactionMessage Message(long id) => new(id, 1, TransactionType.CreateSnapshot, Rollback: false, "general", new System.Text.Json.Nodes.JsonObject());
}
