using NATS.Client.JetStream.Models;
using VpsAdmin.Lab;

namespace VpsAdmin.Nats.Tests;

/// <summary>A broker that has to be asked more than once: it has no streams yet.</summary>
public sealed class LateBrokerTests : IAsyncLifetime
{
    private const string Deletion = "$JS.API.CONSUMER.DELETE.";

    private NatsBroker _broker = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await NatsBroker.StartAsync(Cancel);
        Assert.SkipUnless(_broker.Available, _broker.Reason ?? "");
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_consumer_that_is_asked_for_again_is_not_removed_again()
    {
        await using var link = await NatsLink.ConnectAsync(new NatsSettings(_broker.Url), "test", TimeProvider.System, Cancel);
        await using var requests = link.Connection.SubscribeAsync<byte[]>("$JS.API.CONSUMER.>", cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        var next = requests.MoveNextAsync();
        await link.Connection.PingAsync(Cancel);
        var taking = link.TakeConsumerAsync(Subjects.WorkStream, new ConsumerConfig("node-1-storage") { FilterSubject = "vpsadmin.work.1.storage.>", AckPolicy = ConsumerConfigAckPolicy.Explicit }, Cancel);

        var asked = new List<string>();
        while (asked.Count < 3)
        {
            Assert.True(await next);
            asked.Add(requests.Current.Subject);
            next = requests.MoveNextAsync();
        }
        await link.PrepareAsync(Cancel);

        Assert.Equal("node-1-storage", (await taking).Info.Name);
        Assert.Single(asked, static subject => subject.StartsWith(Deletion, StringComparison.Ordinal));
        Assert.True(await next);
    }
}
