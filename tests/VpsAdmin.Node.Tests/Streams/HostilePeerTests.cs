using System.Net.Sockets;
using System.Security.Authentication;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>Whoever connects to a node that takes streams and is not the sender of an awaited transfer, or does not behave like one.</summary>
public sealed class HostilePeerTests(LabFixture lab) : IAsyncLifetime
{
    private PairedNodes _nodes = null!;
    private TestTransfer _transfer = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => $"{_nodes.FarFilesystem}/{TestTransfer.Branch}";

    public async ValueTask InitializeAsync()
    {
        _nodes = await PairedNodes.StartAsync(lab);
        await _nodes.SnapshotsAsync(1000, "a", "b");
        _transfer = new TestTransfer(_nodes, from: null, ["a", "b"]);
        await _transfer.AwaitAsync();
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("node2.example.org")]
    [InlineData("00000000000000000000000000000000")]
    public async Task Whoever_names_no_awaited_transfer_gets_no_certificate(string? name)
    {
        await using var peer = await TestPeer.ConnectAsync(_nodes.EndPoint, name);
        Assert.False(peer.IsGreeted);
        await ToldAsync("names no transfer that is awaited here");
    }

    [Fact]
    public async Task An_older_TLS_is_refused()
    {
        await using var peer = await TestPeer.ConnectAsync(_nodes.EndPoint, _transfer.Credentials.Transfer, SslProtocols.Tls12);
        Assert.False(peer.IsGreeted);
    }

    [Fact]
    public async Task Garbage_is_hung_up_on()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_nodes.EndPoint, Cancel);
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: node2\r\n\r\n"u8.ToArray(), Cancel);
        var answer = new byte[64];
        while (await ReadAsync(socket, answer) > 0)
        {
            // An alert of TLS at most.
        }
        await ToldAsync("A connection of");
    }

    [Fact]
    public async Task A_wrong_secret_is_told_nothing()
    {
        await using var peer = await TestPeer.ConnectAsync(_nodes.EndPoint, _transfer.Credentials.Transfer);
        await peer.Channel.SendAsync(FrameType.Hello, StreamListener.Hello(new string('0', 64)), Cancel);
        await Assert.ThrowsAsync<PeerLostException>(() => peer.Channel.ReceiveAsync(Cancel));
        await ToldAsync("does not know the secret");
        Assert.DoesNotContain(_nodes.Told, line => line.Contains(_transfer.Credentials.Sender.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_does_not_begin_as_a_sender_does_is_told_nothing()
    {
        await using var peer = await TestPeer.ConnectAsync(_nodes.EndPoint, _transfer.Credentials.Transfer);
        await peer.Channel.SendAsync(FrameType.Finished, ReadOnlyMemory<byte>.Empty, Cancel);
        await Assert.ThrowsAsync<PeerLostException>(() => peer.Channel.ReceiveAsync(Cancel));
    }

    [Fact]
    public async Task Another_version_is_told_so()
    {
        await using var peer = await TestPeer.ConnectAsync(_nodes.EndPoint, _transfer.Credentials.Transfer);
        var hello = StreamListener.Hello(_transfer.Credentials.Sender.Secret);
        hello[0] = 9;
        await peer.Channel.SendAsync(FrameType.Hello, hello, Cancel);
        var refused = await Assert.ThrowsAsync<PeerFailedException>(() => peer.Channel.ReceiveAsync(Cancel));
        Assert.Contains("version 9: update the older one", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_the_next_snapshot_is_taken()
    {
        await using var peer = await GreetedAsync();
        await peer.Channel.SendAsync(FrameType.Begin, new StreamBegin("b", 1, 0), StreamJson.Default.StreamBegin, Cancel);
        await RefusedAsync(peer, "is not the one that comes next");
    }

    [Fact]
    public async Task A_stream_of_another_snapshot_than_was_announced_is_not_committed()
    {
        await using var peer = await GreetedAsync();
        await peer.Channel.SendAsync(FrameType.Begin, new StreamBegin("a", 1, 0), StreamJson.Default.StreamBegin, Cancel);
        await SendAsync(peer, await StreamAsync("a", from: null));
        await RefusedAsync(peer, "is another stream than was announced");
    }

    [Fact]
    public async Task A_stream_of_several_snapshots_is_not_taken()
    {
        await using (var first = await GreetedAsync())
        {
            await first.Channel.SendAsync(FrameType.Begin, new StreamBegin("a", await GuidAsync("a"), 0), StreamJson.Default.StreamBegin, Cancel);
            await SendAsync(first, await StreamAsync("a", from: null));
            Assert.Equal("a", (await StateAsync(first)).Newest);
        }
        await using var peer = await GreetedAsync();
        await peer.Channel.SendAsync(FrameType.Begin, new StreamBegin("b", await GuidAsync("b"), await GuidAsync("a")), StreamJson.Default.StreamBegin, Cancel);
        await SendAsync(peer, await StreamAsync("b", from: "a"));
        await RefusedAsync(peer, "is another stream than was announced", arrived: "a");
    }

    [Fact]
    public async Task A_stream_that_ends_in_the_middle_is_not_committed()
    {
        await using var peer = await GreetedAsync();
        await peer.Channel.SendAsync(FrameType.Begin, new StreamBegin("a", await GuidAsync("a"), 0), StreamJson.Default.StreamBegin, Cancel);
        await SendAsync(peer, (await StreamAsync("a", from: null))[..^312]);
        await RefusedAsync(peer, "its end record is missing");
    }

    [Fact]
    public async Task A_stream_that_is_none_is_refused()
    {
        await using var peer = await GreetedAsync();
        await peer.Channel.SendAsync(FrameType.Begin, new StreamBegin("a", await GuidAsync("a"), 0), StreamJson.Default.StreamBegin, Cancel);
        await SendAsync(peer, new byte[100_000]);
        await RefusedAsync(peer, "is not a ZFS stream");
    }

    [Fact]
    public async Task Whoever_says_finished_too_early_is_not_believed()
    {
        await using var peer = await GreetedAsync();
        await peer.Channel.SendAsync(FrameType.Finished, ReadOnlyMemory<byte>.Empty, Cancel);
        await RefusedAsync(peer, "");
    }

    [Fact]
    public async Task A_sender_that_comes_again_takes_the_place_of_its_former_self()
    {
        await using var first = await GreetedAsync();
        await first.Channel.SendAsync(FrameType.Begin, new StreamBegin("a", await GuidAsync("a"), 0), StreamJson.Default.StreamBegin, Cancel);
        await first.Channel.SendAsync(FrameType.Data, (await StreamAsync("a", from: null)).AsMemory(0, 1000), Cancel);
        Assert.Null((await _nodes.RunAsync(PairedNodes.Near, _transfer.Send)).Error);
        Assert.Equal(["a", "b"], (await _nodes.OnAsync(Target)).Select(static s => s.Name));
    }

    private async Task<TestPeer> GreetedAsync()
    {
        var peer = await TestPeer.ConnectAsync(_nodes.EndPoint, _transfer.Credentials.Transfer);
        await peer.Channel.SendAsync(FrameType.Hello, StreamListener.Hello(_transfer.Credentials.Sender.Secret), Cancel);
        await StateAsync(peer);
        return peer;
    }

    private static async Task<ReceiverState> StateAsync(TestPeer peer) =>
        FrameChannel.Read(await peer.Channel.ReceiveAsync(Cancel), FrameType.State, StreamJson.Default.ReceiverState);

    private static async Task SendAsync(TestPeer peer, byte[] stream)
    {
        try
        {
            foreach (var piece in stream.Chunk(FrameChannel.LargestData))
                await peer.Channel.SendAsync(FrameType.Data, piece, Cancel);
            await peer.Channel.SendAsync(FrameType.End, ReadOnlyMemory<byte>.Empty, Cancel);
        }
        catch (PeerLostException)
        {
            // It has seen enough already.
        }
    }

    private async Task RefusedAsync(TestPeer peer, string reason, string? arrived = null)
    {
        var refused = await Assert.ThrowsAsync<PeerFailedException>(() => peer.Channel.ReceiveAsync(Cancel));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        await peer.DisposeAsync();
        if (arrived is not null)
            Assert.Equal([arrived], (await _nodes.OnAsync(Target)).Select(static s => s.Name));
        await _transfer.UndoAsync();
        Assert.False(await lab.Zfs.ExistsAsync(Target, Cancel));
    }

    private async Task ToldAsync(string words) => await Until.TrueAsync(() => _nodes.Told.Any(line => line.Contains(words, StringComparison.Ordinal)), Cancel);

    private async Task<ulong> GuidAsync(string name) => (await lab.Zfs.GetSnapshotAsync(new SnapshotName($"{_nodes.Filesystem}/101", name), Cancel)).Guid;

    private async Task<byte[]> StreamAsync(string name, string? from)
    {
        await using var send = await lab.Zfs.StartSendAsync(new SnapshotName($"{_nodes.Filesystem}/101", name), from, Cancel);
        using var bytes = new MemoryStream();
        await send.StandardOutput.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }

    private static async Task<int> ReadAsync(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, Cancel);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
