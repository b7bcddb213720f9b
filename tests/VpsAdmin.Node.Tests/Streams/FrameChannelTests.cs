using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Node.Streams;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>What nodes say to each other, on the loopback and without ZFS; one end is the test's own.</summary>
public sealed class FrameChannelTests : IAsyncLifetime
{
    private const int HeaderSize = 5;
    private readonly FakeTimeProvider _time = new();
    private NetworkStream _peer = null!;
    private FrameChannel _channel = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint, Cancel);
        _peer = new NetworkStream(await listener.AcceptSocketAsync(Cancel), ownsSocket: true);
        _channel = new FrameChannel(new NetworkStream(socket, ownsSocket: true), _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _peer.DisposeAsync();
    }

    [Fact]
    public async Task An_end_that_is_silent_for_a_minute_is_gone_and_hears_until_then_that_this_one_is_there()
    {
        var receiving = _channel.ReceiveAsync(Cancel);
        for (var beat = 0; beat < 5; beat++)
        {
            Assert.False(receiving.IsCompleted);
            await BeatAsync();
        }
        _time.Advance(FrameChannel.AliveEvery);
        Assert.Contains("nothing was heard of it for 60 seconds", (await Assert.ThrowsAsync<PeerLostException>(() => receiving)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_that_neither_speaks_nor_listens_is_gone_for_who_speaks_to_it_too()
    {
        await using var stream = new StuckStream();
        await using var channel = new FrameChannel(stream, _time);
        var receiving = channel.ReceiveAsync(Cancel);
        var sending = channel.SendAsync(FrameType.Data, new byte[] { 42 }, Cancel);
        var waiting = channel.SendAsync(FrameType.End, ReadOnlyMemory<byte>.Empty, Cancel);
        Assert.Equal(FrameType.Data, await stream.NextAsync(Cancel));
        _time.Advance(FrameChannel.LongestSilence);
        foreach (var lost in new[] { receiving, sending, waiting })
            Assert.Contains("nothing was heard of it for 60 seconds", (await Assert.ThrowsAsync<PeerLostException>(() => lost)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_say_that_one_is_there_keeps_nobody_from_noticing_that_the_other_end_is_not()
    {
        await using var stream = new StuckStream();
        await using var channel = new FrameChannel(stream, _time);
        var receiving = channel.ReceiveAsync(Cancel);
        _time.Advance(FrameChannel.AliveEvery);
        Assert.Equal(FrameType.Alive, await stream.NextAsync(Cancel));
        _time.Advance(FrameChannel.LongestSilence);
        await Assert.ThrowsAsync<PeerLostException>(() => receiving);
    }

    [Fact]
    public async Task Each_frame_begins_the_minute_anew()
    {
        for (var frame = 0; frame < 3; frame++)
        {
            var receiving = _channel.ReceiveAsync(Cancel);
            for (var beat = 0; beat < 5; beat++)
                await BeatAsync();
            await _peer.WriteAsync(new byte[] { (byte)FrameType.Data, 0, 0, 0, 1, 42 }, Cancel);
            Assert.Equal(FrameType.Data, (await receiving).Type);
        }
    }

    [Fact]
    public async Task A_frame_that_comes_too_slowly_is_as_good_as_none()
    {
        var receiving = _channel.ReceiveAsync(Cancel);
        await _peer.WriteAsync(new byte[] { (byte)FrameType.Data, 0, 0, 0, 100 }, Cancel);
        for (var beat = 0; beat < 5; beat++)
        {
            await _peer.WriteAsync(new byte[] { 1 }, Cancel);
            await BeatAsync();
        }
        _time.Advance(FrameChannel.AliveEvery);
        await Assert.ThrowsAsync<PeerLostException>(() => receiving);
    }

    [Theory]
    [InlineData(99, 0)]
    [InlineData((byte)FrameType.Data, -1)]
    [InlineData((byte)FrameType.Data, int.MaxValue)]
    [InlineData((byte)FrameType.Data, FrameChannel.LargestData + 1)]
    public async Task A_frame_that_makes_no_sense_is_the_end(byte type, int length)
    {
        var header = new byte[HeaderSize];
        header[0] = type;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), length);
        await _peer.WriteAsync(header, Cancel);
        Assert.Contains("makes no sense", (await Assert.ThrowsAsync<PeerLostException>(() => _channel.ReceiveAsync(Cancel))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_ends_is_the_end()
    {
        await _peer.DisposeAsync();
        await Assert.ThrowsAsync<PeerLostException>(() => _channel.ReceiveAsync(Cancel));
    }

    [Fact]
    public async Task Words_of_failure_are_one_line_without_what_a_terminal_would_obey()
    {
        var words = "no space\r\nleft\u001b[2J"u8.ToArray();
        await _peer.WriteAsync(new byte[] { (byte)FrameType.Failed, 0, 0, 0, (byte)words.Length }, Cancel);
        await _peer.WriteAsync(words, Cancel);
        Assert.Equal("no space left[2J", (await Assert.ThrowsAsync<PeerFailedException>(() => _channel.ReceiveAsync(Cancel))).Message);
    }

    /// <summary>Ten seconds pass, and the channel says that it is there: it has seen them pass.</summary>
    private async Task BeatAsync()
    {
        _time.Advance(FrameChannel.AliveEvery);
        var header = new byte[HeaderSize];
        await _peer.ReadExactlyAsync(header, Cancel);
        Assert.Equal(new byte[HeaderSize], header);
    }
}
