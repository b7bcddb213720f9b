using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Lab;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Hosting;

/// <summary>Which nodes the server takes for there, at a real broker that comes and goes.</summary>
public sealed class PresentNodesTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLog _log = new();
    private NatsBroker _broker = null!;
    private NatsLink _link = null!;
    private NodePresence _presence = null!;
    private PresentNodes _nodes = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await NatsBroker.StartAsync(Cancel);
        Assert.SkipUnless(_broker.Available, _broker.Reason ?? "");
        _link = await NatsLink.ConnectAsync(new NatsSettings(_broker.Url), "test", TimeProvider.System, Cancel);
        await NatsBus.OpenAsync(_link, NullLogger.Instance, Cancel);
        _presence = await NodePresence.OpenAsync(_link, Cancel);
        _nodes = new(_presence, new Installation(null!, 1, "node1.example.org", 1, "tank/vps", null), _time, new LoggerFactory([_log]).CreateLogger<PresentNodes>());
    }

    public async ValueTask DisposeAsync()
    {
        if (_link is not null)
            await _link.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_node_is_there_while_it_tells_and_one_look_does_for_all_who_ask_meanwhile()
    {
        Assert.True(await _nodes.IsThereAsync(1, Cancel));
        Assert.False(await _nodes.IsThereAsync(2, Cancel));
        await _presence.TellAsync(2, new NodeStatus([new PoolUsage("tank/vps", 1, 2, [])]), Cancel);
        Assert.False(await _nodes.IsThereAsync(2, Cancel));

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await _nodes.IsThereAsync(2, Cancel));
        Assert.Equal("tank/vps", Assert.Single((await _nodes.FindAsync(2, Cancel))!.Pools).Filesystem);
        Assert.Equal(
            ["Node 2 is not there (it has told nothing for 45 seconds): backups to its pools are left for the next time", "Node 2 is there again"],
            _log.Lines.Select(static line => line[line.IndexOf("Node 2", StringComparison.Ordinal)..].Trim()));
    }

    [Fact]
    public async Task While_the_broker_is_gone_no_node_is_there_and_that_is_told_once()
    {
        await _presence.TellAsync(2, new NodeStatus([]), Cancel);
        Assert.True(await _nodes.IsThereAsync(2, Cancel));
        await _broker.KillAsync();
        for (var look = 0; look < 2; look++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            // As plans do, some at once.
            Assert.DoesNotContain(true, await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _nodes.IsThereAsync(2, Cancel))));
        }
        Assert.Contains("Node 2 is not there (", Assert.Single(_log.Lines), StringComparison.Ordinal);
        // Whoever asks no longer is told so, and not that the node is away.
        using var stop = new CancellationTokenSource();
        _time.Advance(TimeSpan.FromSeconds(5));
        var asking = _nodes.IsThereAsync(2, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }
}
