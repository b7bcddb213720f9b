using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using VpsAdmin.Lab;
using VpsAdmin.Node;

namespace VpsAdmin.Nats.Tests;

/// <summary>Three brokers that are one.</summary>
public sealed class NatsClusterTests : IAsyncLifetime
{
    private static readonly IReadOnlyList<QueueLimit> Queues = [new("general", 4)];

    private IReadOnlyList<NatsBroker> _brokers = [];
    private NatsLink _link = null!;
    private NatsBus _bus = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _brokers = await NatsBroker.StartClusterAsync(Cancel);
        Assert.SkipUnless(_brokers[0].Available, _brokers[0].Reason ?? "");
        _link = await NatsLink.ConnectAsync(new NatsSettings(string.Join(',', _brokers.Select(static b => b.Url))) { Replicas = 3 }, "test", TimeProvider.System, Cancel);
        // They have to find each other first, and nobody announces that.
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (_bus is null)
        {
            await look.WaitForNextTickAsync(Cancel);
            try
            {
                _bus = await NatsBus.OpenAsync(_link, NullLogger.Instance, Cancel);
            }
            catch (NatsException)
            {
                // Not yet.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_link is not null)
            await _link.DisposeAsync();
        foreach (var broker in _brokers)
            await broker.DisposeAsync();
    }

    [Theory]
    [InlineData(Subjects.WorkStream)]
    [InlineData(Subjects.EventStream)]
    public async Task Nothing_is_lost_when_the_broker_that_leads_a_stream_is_killed(string stream)
    {
        for (var id = 1; id <= 6; id++)
            await _bus.DispatchAsync(1, Message(id), Cancel);
        var inbox = new NatsInbox(_link, 1, Queues, TimeProvider.System, NullLogger.Instance);
        await using var work = inbox.ReceiveAsync("general", Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await work.MoveNextAsync());
        await inbox.ReportAsync(Finished(work.Current.Id), Cancel);

        var leader = (await _link.JetStream.GetStreamAsync(stream, cancellationToken: Cancel)).Info.Cluster!.Leader!;
        await _brokers[leader[1] - '1'].KillAsync();
        await _bus.DispatchAsync(1, Message(7), Cancel);

        HashSet<long> done = [work.Current.Id];
        while (done.Count < 7)
        {
            Assert.True(await work.MoveNextAsync());
            done.Add(work.Current.Id);
            await inbox.ReportAsync(Finished(work.Current.Id), Cancel);
        }
        HashSet<long> told = [];
        await foreach (var nodeEvent in _bus.EventsAsync(Cancel))
        {
            told.Add(nodeEvent.TransactionId);
            if (told.Count == 7)
                break;
        }
        Assert.Equal(Enumerable.Range(1, 7).Select(static id => (long)id), told.Order());
    }

    private static TransactionMessage Message(long id) => new(id, ChainId: 1, TransactionType.CreateSnapshot, Rollback: false, "general", new JsonObject()) { Installation = "test" };

    private static TransactionFinished Finished(long id) => new(id, Success: true, Output: null, Error: null);
}
