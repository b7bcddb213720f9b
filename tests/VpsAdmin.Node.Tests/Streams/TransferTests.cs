using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>Snapshots that go from one node to another.</summary>
public sealed class TransferTests(LabFixture lab) : IAsyncLifetime
{
    private PairedNodes _nodes = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Source => $"{_nodes.Filesystem}/101";

    private string Target => $"{_nodes.FarFilesystem}/{TestTransfer.Branch}";

    private string AwaitedFolder => Path.Combine(Path.GetDirectoryName(_nodes.Folder)!, Path.GetFileName(_nodes.FarFilesystem), "vpsadmin/receive");

    public async ValueTask InitializeAsync() => _nodes = await PairedNodes.StartAsync(lab);

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();

    [Fact]
    public async Task A_first_transfer_makes_the_filesystem_and_later_ones_go_on()
    {
        await _nodes.SnapshotsAsync(300_000, "a", "b", "c", "d");
        await new TestTransfer(_nodes, from: null, ["a", "b"]).SucceedAsync();
        Assert.Equal(["a", "b"], await NamesAsync());
        await new TestTransfer(_nodes, "b", ["c", "d"]).SucceedAsync();
        Assert.Equal(await _nodes.OnAsync(Source), await _nodes.OnAsync(Target));
    }

    [Fact]
    public async Task Only_what_was_asked_for_travels()
    {
        await _nodes.SnapshotsAsync(1000, "a", "mine", "b");
        await new TestTransfer(_nodes, from: null, ["a", "b"]).SucceedAsync();
        Assert.Equal(["a", "b"], await NamesAsync());
    }

    [Fact]
    public async Task Each_part_can_be_delivered_again()
    {
        await _nodes.SnapshotsAsync(1000, "a", "b", "c");
        var transfer = new TestTransfer(_nodes, from: null, ["a", "b", "c"]);
        for (var delivery = 0; delivery < 2; delivery++)
        {
            await transfer.AwaitAsync();
            Assert.Null((await _nodes.RunAsync(PairedNodes.Near, transfer.Send)).Error);
        }
        // As if the node had died in the middle.
        await lab.Zfs.DestroyAsync($"{Target}@c", Cancel);
        await transfer.AwaitAsync();
        Assert.Null((await _nodes.RunAsync(PairedNodes.Near, transfer.Send)).Error);
        for (var delivery = 0; delivery < 2; delivery++)
            Assert.Null((await _nodes.RunAsync(PairedNodes.Far, transfer.Check)).Error);
        Assert.Equal(["a", "b", "c"], await NamesAsync());
    }

    [Fact]
    public async Task Undoing_an_increment_keeps_the_base()
    {
        await _nodes.SnapshotsAsync(1000, "a", "b", "c");
        await new TestTransfer(_nodes, from: null, ["a"]).SucceedAsync();
        var increment = new TestTransfer(_nodes, "a", ["b", "c"]);
        await increment.SucceedAsync();
        for (var delivery = 0; delivery < 2; delivery++)
            await increment.UndoAsync();
        Assert.Equal(["a"], await NamesAsync());
    }

    [Fact]
    public async Task Undoing_the_first_transfer_leaves_no_filesystem()
    {
        await _nodes.SnapshotsAsync(1000, "a", "b");
        var transfer = new TestTransfer(_nodes, from: null, ["a", "b"]);
        await transfer.SucceedAsync();
        for (var delivery = 0; delivery < 2; delivery++)
            await transfer.UndoAsync();
        Assert.False(await lab.Zfs.ExistsAsync(Target, Cancel));
    }

    [Fact]
    public async Task What_is_awaited_is_readable_by_the_node_alone_and_gone_afterwards()
    {
        await _nodes.SnapshotsAsync(1000, "a");
        var transfer = new TestTransfer(_nodes, from: null, ["a"]);
        await transfer.AwaitAsync();
        var file = Assert.Single(Directory.GetFiles(AwaitedFolder, "*.json"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(AwaitedFolder));
        }
        await transfer.SucceedAsync();
        Assert.Empty(Directory.GetFiles(AwaitedFolder, "*.json"));

        // Nobody can send it any more, who knows all that there is to know.
        await _nodes.StopAsync(PairedNodes.Far);
        await _nodes.StartFarAsync();
        await using var peer = await TestPeer.ConnectAsync(_nodes.EndPoint, transfer.Credentials.Transfer);
        Assert.False(peer.IsGreeted);
    }

    [Fact]
    public async Task A_secret_is_in_no_report_and_no_log()
    {
        await _nodes.SnapshotsAsync(1000, "a");
        var transfer = new TestTransfer(_nodes, from: null, ["a", "gone"]);
        var error = await transfer.FailAsync();
        Assert.Contains("gone", error, StringComparison.Ordinal);
        await transfer.UndoAsync();
        Assert.False(await lab.Zfs.ExistsAsync(Target, Cancel));

        var (secret, certificate) = (transfer.Credentials.Sender.Secret, transfer.Credentials.Receiver.Certificate);
        Assert.NotEmpty(_nodes.Told);
        Assert.All(_nodes.Told, line => Assert.False(line.Contains(secret, StringComparison.OrdinalIgnoreCase) || line.Contains(certificate, StringComparison.Ordinal)));
        Assert.DoesNotContain(secret, $"{transfer.Credentials} {transfer.Credentials.Receiver} {transfer.Credentials.Sender}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bytes_are_in_the_result()
    {
        await _nodes.SnapshotsAsync(500_000, "a");
        var transfer = new TestTransfer(_nodes, from: null, ["a"]);
        await transfer.AwaitAsync();
        var output = (await _nodes.RunAsync(PairedNodes.Near, transfer.Send)).Output!;
        Assert.InRange((long)output["Bytes"]!, 500_000, 700_000);
    }

    [Fact]
    public async Task A_target_with_something_newer_is_not_overwritten()
    {
        await _nodes.SnapshotsAsync(1000, "a", "b");
        await new TestTransfer(_nodes, from: null, ["a"]).SucceedAsync();
        await lab.Zfs.SnapshotAsync(new SnapshotName(Target, "mine"), Cancel);
        Assert.Contains("its newest snapshot is mine", await new TestTransfer(_nodes, "a", ["b"]).FailAsync(), StringComparison.Ordinal);
        Assert.Equal(["a", "mine"], await NamesAsync());
    }

    [Fact]
    public async Task A_base_of_the_same_name_that_is_another_snapshot_is_refused()
    {
        await _nodes.SnapshotsAsync(1000, "a", "b");
        await lab.Zfs.CreateFilesystemAsync($"{_nodes.FarFilesystem}/101", null, Cancel);
        await lab.Zfs.CreateFilesystemAsync($"{_nodes.FarFilesystem}/101/tree.0", null, Cancel);
        await lab.Zfs.CreateFilesystemAsync(Target, null, Cancel);
        await lab.Zfs.SnapshotAsync(new SnapshotName(Target, "a"), Cancel);
        Assert.Contains("is not what the receiver has under that name", await new TestTransfer(_nodes, "a", ["b"]).FailAsync(), StringComparison.Ordinal);
        Assert.Equal(["a"], await NamesAsync());
    }

    private async Task<IEnumerable<string>> NamesAsync() => (await _nodes.OnAsync(Target)).Select(static s => s.Name);
}
