using System.Globalization;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>Transfers between nodes that break, are stopped, or meet a full disk or a sender that fails.</summary>
public sealed class TransferFailureTests(LabFixture lab) : IAsyncLifetime
{
    private readonly string _programs = Directory.CreateTempSubdirectory("zfs-").FullName;
    private PairedNodes _nodes = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Source => $"{_nodes.Filesystem}/101";

    private string Target => $"{_nodes.FarFilesystem}/{TestTransfer.Branch}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_nodes is not null)
            await _nodes.DisposeAsync();
        Directory.Delete(_programs, recursive: true);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(1_500_000)]
    [InlineData(2_200_000)]
    public async Task A_connection_that_breaks_is_made_again_and_what_has_arrived_stays(long bytes)
    {
        await StartAsync();
        await _nodes.SnapshotsAsync(1 << 20, "a", "b", "c");
        await using var relay = new FaultyRelay(_nodes.EndPoint, bytes);
        var transfer = new TestTransfer(_nodes, from: null, ["a", "b", "c"], relay.Address);
        await transfer.SucceedAsync();
        Assert.Equal(await _nodes.OnAsync(Source), await _nodes.OnAsync(Target));
        Assert.Equal(2, relay.Connections);
    }

    [Fact]
    public async Task A_receiving_node_that_is_started_again_in_the_middle_is_found_by_the_sender()
    {
        await StartAsync();
        await _nodes.SnapshotsAsync(1 << 20, "a", "b", "c");
        await using var relay = new FaultyRelay(_nodes.EndPoint, 1_500_000, async () =>
        {
            await _nodes.StopAsync(PairedNodes.Far);
            await _nodes.StartFarAsync();
        });
        await new TestTransfer(_nodes, from: null, ["a", "b", "c"], relay.Address).SucceedAsync();
        Assert.Equal(await _nodes.OnAsync(Source), await _nodes.OnAsync(Target));
    }

    [Fact]
    public async Task A_sending_node_that_is_started_again_in_the_middle_goes_on()
    {
        await StartAsync();
        await _nodes.SnapshotsAsync(1 << 20, "a", "b", "c");
        await using var relay = new FaultyRelay(_nodes.EndPoint, 1_500_000, async () =>
        {
            await _nodes.StopAsync(PairedNodes.Near);
            _nodes.StartNear();
        });
        await new TestTransfer(_nodes, from: null, ["a", "b", "c"], relay.Address).SucceedAsync();
        Assert.Equal(await _nodes.OnAsync(Source), await _nodes.OnAsync(Target));
    }

    [Fact]
    public async Task One_that_is_called_off_in_the_middle_leaves_what_was_there_before()
    {
        await StartAsync();
        await _nodes.SnapshotsAsync(1 << 20, "a", "b", "c");
        await new TestTransfer(_nodes, from: null, ["a"]).SucceedAsync();
        var before = await _nodes.OnAsync(Target);
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var relay = new FaultyRelay(_nodes.EndPoint, 1_500_000, () => called.Task);
        var transfer = new TestTransfer(_nodes, "a", ["b", "c"], relay.Address);
        await transfer.AwaitAsync();
        var sent = await _nodes.SendAsync(PairedNodes.Near, transfer.Send);
        await Until.TrueAsync(() => relay.HasCut || sent.IsCompleted, Cancel);
        await transfer.UndoAsync();
        called.SetResult();
        Assert.Contains("called off", (await sent.WaitAsync(Cancel)).Error, StringComparison.Ordinal);
        Assert.Equal(before, await _nodes.OnAsync(Target));
    }

    [Fact]
    public async Task BUG_2_a_whole_stream_of_a_sender_that_failed_is_not_committed()
    {
        await StartAsync("""zfs "$@"; exit 7""");
        await _nodes.SnapshotsAsync(1 << 20, "a");
        await NothingArrivesAsync("status 7");
    }

    [Fact]
    public async Task BUG_2_a_stream_that_is_cut_short_commits_no_snapshot_though_its_status_is_success()
    {
        await StartAsync("""zfs "$@" 2>/dev/null | head -c 700000""");
        await _nodes.SnapshotsAsync(1 << 20, "a");
        await NothingArrivesAsync("not complete");
    }

    [Fact]
    public async Task A_killed_sender_is_told_at_both_ends_and_commits_nothing()
    {
        await StartAsync("""zfs "$@" 2>/dev/null | head -c 700000; kill -9 $$""");
        await _nodes.SnapshotsAsync(1 << 20, "a");
        var transfer = new TestTransfer(_nodes, from: null, ["a"]);
        Assert.Contains("signal 9", await transfer.FailAsync(), StringComparison.Ordinal);
        // Before undoing, which would end the receiver's half without a word of the sender.
        await Until.TrueAsync(() => _nodes.Told.Any(static line => line.StartsWith("A connection of", StringComparison.Ordinal) && line.Contains("signal 9", StringComparison.Ordinal)), Cancel);
        Assert.False(await lab.Zfs.ExistsAsync($"{Target}@a", Cancel));
        await transfer.UndoAsync();
        Assert.False(await lab.Zfs.ExistsAsync(Target, Cancel));
    }

    [Fact]
    public async Task A_full_disk_at_the_receiver_is_told_by_the_sender_and_leaves_what_was_there_before()
    {
        await StartAsync();
        await _nodes.SnapshotsAsync(100_000, "a");
        await _nodes.SnapshotsAsync(8 << 20, "b");
        await new TestTransfer(_nodes, from: null, ["a"]).SucceedAsync();
        var used = (await lab.Zfs.GetFilesystemAsync(_nodes.FarFilesystem, Cancel)).Used;
        await lab.Zfs.SetPropertyAsync(_nodes.FarFilesystem, "quota", (used + (2 << 20)).ToString(CultureInfo.InvariantCulture), Cancel);

        var transfer = new TestTransfer(_nodes, "a", ["b"]);
        var error = await transfer.FailAsync();
        Assert.Contains("The receiving node at", error, StringComparison.Ordinal);
        Assert.Contains("receive", error, StringComparison.Ordinal);
        await transfer.UndoAsync();
        Assert.Equal(["a"], (await _nodes.OnAsync(Target)).Select(static s => s.Name));
    }

    [Fact]
    public async Task A_node_with_another_certificate_is_not_sent_to()
    {
        await StartAsync();
        await _nodes.SnapshotsAsync(1000, "a");
        var transfer = new TestTransfer(_nodes, from: null, ["a"], sender: StreamCredentials.Create().Sender);
        Assert.Contains("its certificate is another one", await transfer.FailAsync(), StringComparison.Ordinal);
        await transfer.UndoAsync();
        Assert.False(await lab.Zfs.ExistsAsync(Target, Cancel));
    }

    /// <param name="send">What the first node runs for <c>zfs send</c>; null: that.</param>
    private async Task StartAsync(string? send = null)
    {
        var program = "zfs";
        if (send is not null)
        {
            program = Path.Combine(_programs, "zfs");
            await File.WriteAllTextAsync(program, $$"""
                #!/bin/sh
                case "$1 $2" in
                    'send '*) {{send}} ;;
                    *) exec zfs "$@" ;;
                esac

                """, Cancel);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        _nodes = await PairedNodes.StartAsync(lab, new ZfsHost(new ZfsHostOptions(Program: program)));
    }

    private async Task NothingArrivesAsync(string reason)
    {
        var transfer = new TestTransfer(_nodes, from: null, ["a"]);
        Assert.Contains(reason, await transfer.FailAsync(), StringComparison.Ordinal);
        // Before anything is undone.
        Assert.False(await lab.Zfs.ExistsAsync($"{Target}@a", Cancel));
        await transfer.UndoAsync();
        Assert.False(await lab.Zfs.ExistsAsync(Target, Cancel));
    }
}
