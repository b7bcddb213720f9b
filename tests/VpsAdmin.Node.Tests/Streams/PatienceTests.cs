using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using VpsAdmin.Node.Handlers;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>How long either end waits for the other, in a time of the test's.</summary>
public sealed class PatienceTests
{
    private readonly WatchedTime _time = new(new DateTimeOffset(2016, 6, 14, 10, 0, 0, TimeSpan.Zero));

    // Nothing of these tests may start a program.
    private readonly ZfsHost _zfs = new(new ZfsHostOptions(Program: "/nonexistent/zfs"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_connects_and_says_nothing_is_hung_up_on_after_ten_seconds()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var listener = await StreamListener.OpenAsync(_zfs, new(IPAddress.Loopback, 0), [], atOnce: 1, _time, told.Enqueue, Cancel);
        var running = listener.RunAsync(stop.Token);
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.EndPoint, Cancel);

        Assert.Equal(StreamListener.LongestGreeting, await _time.NextTimerAsync(Cancel));
        _time.Advance(StreamListener.LongestGreeting);
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1], Cancel));
        await Until.TrueAsync(() => !told.IsEmpty, Cancel);
        await stop.CancelAsync();
        await running;
        Assert.Contains("did not say who it is within 10 seconds", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_gives_up_when_the_receiver_was_away_for_ten_minutes()
    {
        using var nobody = new Socket(SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var credentials = StreamCredentials.Create();
        var input = new SendSnapshotsInput(
            credentials.Transfer, "tank/vps", "101", null, ["a"], $"127.0.0.1:{((IPEndPoint)nobody.LocalEndPoint!).Port}", credentials.Sender);
        var message = new TransactionMessage(
            1, 1, TransactionType.SendSnapshots, Rollback: false, "zfs_send", JsonSerializer.SerializeToNode(input, NodeJson.Default.SendSnapshotsInput)!);
        var began = _time.GetUtcNow();
        var sending = new SendSnapshotsHandler(_zfs, new InProcessBus().Inbox(1), _time).ExecuteAsync(message, Cancel);
        while (!sending.IsCompleted)
        {
            var timer = _time.NextTimerAsync(Cancel);
            if (await Task.WhenAny(timer, sending) == timer)
                _time.Advance(await timer);
        }
        var lost = await Assert.ThrowsAsync<TransactionException>(() => sending);
        Assert.Contains("is lost, for 10 minutes by now", lost.Message, StringComparison.Ordinal);
        Assert.True(_time.GetUtcNow() - began >= SendSnapshotsHandler.LongestAbsence);
    }

    [Theory]
    [InlineData("node2.example.org:4569", "node2.example.org", 4569)]
    [InlineData("192.0.2.1:1", "192.0.2.1", 1)]
    [InlineData("[2001:db8::2]:65535", "2001:db8::2", 65535)]
    public void An_address_is_a_host_and_a_port(string address, string host, int port)
    {
        Assert.Equal((host, port), StreamAddress.Parse(address));
        Assert.Equal(address, StreamAddress.Of(host, port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("node2")]
    [InlineData("node2:")]
    [InlineData("node2:0")]
    [InlineData("node2:65536")]
    [InlineData("node2: 80")]
    [InlineData("2001:db8::2:80")]
    [InlineData("[node2]:80")]
    [InlineData("me@node2:80")]
    [InlineData("node2/x:80")]
    public void What_is_no_address_is_refused(string address) => Assert.Throws<TransactionException>(() => StreamAddress.Parse(address));

    [Theory]
    [InlineData(null, "node2.example.org:7")]
    [InlineData("10.0.0.2", "10.0.0.2:7")]
    [InlineData("10.0.0.2:9", "10.0.0.2:9")]
    public void What_other_nodes_see_is_the_name_or_what_was_said(string? address, string expected)
    {
        var settings = new StreamSettings("0.0.0.0:0", address);
        Assert.Null(settings.Fault);
        Assert.Equal(expected, settings.AddressOf("node2.example.org", new IPEndPoint(IPAddress.Any, 7)));
    }
}
