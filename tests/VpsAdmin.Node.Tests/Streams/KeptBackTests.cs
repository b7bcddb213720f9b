using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>BUG-2 between nodes: what <c>zfs receive</c> gets of a stream before the sender has said that its <c>zfs send</c> ended well.</summary>
public sealed class KeptBackTests(LabFixture lab) : IAsyncLifetime
{
    /// <summary>What the receiver keeps.</summary>
    private const int KeptBack = 4 << 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("zfs-").FullName;
    private PairedNodes _nodes = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Received => Path.Combine(_folder, "received");

    public async ValueTask InitializeAsync()
    {
        // Writes down what its receive gets.
        var program = Path.Combine(_folder, "zfs");
        await File.WriteAllTextAsync(program, $$"""
            #!/bin/sh
            case "$1 $3" in
                'receive '?*) tee '{{Received}}' | zfs "$@" ;;
                *) exec zfs "$@" ;;
            esac

            """, Cancel);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _nodes = await PairedNodes.StartAsync(lab, farZfs: new ZfsHost(new ZfsHostOptions(Program: program)));
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task BUG_2_the_end_of_a_stream_waits_for_the_senders_word()
    {
        await _nodes.SnapshotsAsync(50_000, "a");
        var transfer = new TestTransfer(_nodes, from: null, ["a"]);
        await transfer.AwaitAsync();
        var stream = await StreamAsync();
        await using var peer = await TestPeer.ConnectAsync(_nodes.EndPoint, transfer.Credentials.Transfer);
        await peer.Channel.SendAsync(FrameType.Hello, StreamListener.Hello(transfer.Credentials.Sender.Secret), Cancel);
        await peer.Channel.ReceiveAsync(Cancel);
        var guid = (await lab.Zfs.GetSnapshotAsync(new SnapshotName($"{_nodes.Filesystem}/101", "a"), Cancel)).Guid;
        await peer.Channel.SendAsync(FrameType.Begin, new StreamBegin("a", guid, 0), StreamJson.Default.StreamBegin, Cancel);
        await peer.Channel.SendAsync(FrameType.Data, stream, Cancel);
        await Until.TrueAsync(() => File.Exists(Received) && new FileInfo(Received).Length >= stream.Length - KeptBack, Cancel);

        await peer.Channel.SendFailureAsync("zfs send failed with status 7", Cancel);
        await Assert.ThrowsAsync<PeerLostException>(() => peer.Channel.ReceiveAsync(Cancel));
        Assert.Equal(stream.Length - KeptBack, new FileInfo(Received).Length);
        await transfer.UndoAsync();
        Assert.False(await lab.Zfs.ExistsAsync($"{_nodes.FarFilesystem}/{TestTransfer.Branch}", Cancel));
    }

    private async Task<byte[]> StreamAsync()
    {
        await using var send = await lab.Zfs.StartSendAsync(new SnapshotName($"{_nodes.Filesystem}/101", "a"), null, Cancel);
        using var bytes = new MemoryStream();
        await send.StandardOutput.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }
}
