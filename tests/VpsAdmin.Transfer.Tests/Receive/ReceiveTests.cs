using VpsAdmin.Lab;
using VpsAdmin.Lab.Http;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Replay;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Transfer.Tests.Receive;

/// <summary>Exports of a real ZFS, received into a real ZFS; and what is there when it does not work out.</summary>
public sealed class ReceiveTests(LabFixture lab) : ReceiveTest(lab)
{
    private static readonly string WrongSha256 = new('0', 64);

    [Fact]
    public async Task A_full_stream_becomes_a_dataset_with_the_same_bytes()
    {
        await SnapshotAsync("a");
        await ServeAsync("a");
        var result = await ReceiveAsync();
        Assert.True(result.Verified);
        Assert.Equal(await SnapshotsAsync(From), await SnapshotsAsync(To));
        await AssertSameFilesAsync("a");
    }

    [Fact]
    public async Task An_incremental_stream_of_several_snapshots_brings_all_of_them()
    {
        foreach (var name in (string[])["a", "b", "c", "d"])
            await SnapshotAsync(name);
        await GivenAsync("a");
        await ServeAsync("d", "a");
        await ReceiveAsync();
        Assert.Equal(await SnapshotsAsync(From), await SnapshotsAsync(To));
        await AssertSameFilesAsync("d");
    }

    [Fact]
    public async Task A_snapshot_smaller_than_the_tail_is_received_too()
    {
        await SnapshotAsync("a", bytes: 100);
        await GivenAsync("a");
        await SnapshotAsync("b", bytes: 10);
        await ServeAsync("b", "a");
        await ReceiveAsync();
        await AssertSameFilesAsync("b");
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_goes_on_into_the_same_receive()
    {
        await SnapshotAsync("a");
        await SnapshotAsync("b");
        await SnapshotAsync("c");
        await GivenAsync("a");
        await ServeAsync("c", "a");
        Server.Script(FileAction.CutAfter(2_000_000), FileAction.CutAfter(1_500_000, Cut.Reset), FileAction.Answer(503));
        var before = Server.Requests.Count;
        var result = await ReceiveAsync();
        Assert.Equal(3, result.Retries);
        Assert.True(Server.Requests.Count - before >= 4);
        Assert.Equal(await SnapshotsAsync(From), await SnapshotsAsync(To));
        await AssertSameFilesAsync("c");
    }

    [Fact]
    public async Task BUG_19_a_full_stream_with_a_wrong_checksum_leaves_no_dataset()
    {
        await SnapshotAsync("a");
        await ServeAsync("a");
        Export.Finally = () => Export.Ready() with { Sha256 = WrongSha256 };
        await FailAsync(() => ReceiveAsync(), TransferFailure.ChecksumMismatch);
        Assert.False(await Zfs.ExistsAsync(To, Cancel));
    }

    [Fact]
    public async Task BUG_19_an_incremental_stream_with_a_wrong_checksum_leaves_the_target_as_it_was()
    {
        foreach (var name in (string[])["a", "b", "c", "d"])
            await SnapshotAsync(name);
        await GivenAsync("a");
        var before = await SnapshotsAsync(To);
        await ServeAsync("d", "a");
        Export.Finally = () => Export.Ready() with { Sha256 = WrongSha256 };
        // By the time the checksum is known, the first snapshots are committed.
        await FailAsync(() => ReceiveAsync(), TransferFailure.ChecksumMismatch);
        Assert.Equal(before, await SnapshotsAsync(To));

        Export.Finally = null;
        await ReceiveAsync();
        Assert.Equal(await SnapshotsAsync(From), await SnapshotsAsync(To));
        await AssertSameFilesAsync("d");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public async Task BUG_2_a_stream_cut_before_it_was_compressed_is_refused_though_its_checksum_is_right(string? from)
    {
        await SnapshotAsync("a");
        await SnapshotAsync("b");
        await SnapshotAsync("c");
        if (from is not null)
            await GivenAsync(from);
        var stream = await SendAsync("c", from);
        Server.Content = StreamBytes.Gzip(stream[..^200]);
        await FailAsync(() => ReceiveAsync(), TransferFailure.BadStream);
        if (from is null)
            Assert.False(await Zfs.ExistsAsync(To, Cancel));
        else
            Assert.Equal(["a"], (await SnapshotsAsync(To)).Select(static s => s.Item1));
    }

    [Fact]
    public async Task A_receive_that_dies_early_ends_the_transfer_with_its_own_words()
    {
        await SnapshotAsync("a", bytes: 20_000_000);
        await SnapshotAsync("b", bytes: 20_000_000);
        // An increment into nothing: refused at its first record.
        await ServeAsync("b", "a");
        var error = await FailAsync(() => ReceiveAsync(), TransferFailure.SinkFailed);
        Assert.Contains("zfs receive ended with exit code", error.Message, StringComparison.Ordinal);
        Assert.Contains("cannot receive", error.Message, StringComparison.Ordinal);
        Assert.False(await Zfs.ExistsAsync(To, Cancel));
    }

    [Fact]
    public async Task A_receive_that_refuses_at_its_very_end_is_a_failure_too()
    {
        await SnapshotAsync("a", bytes: 100);
        await GivenAsync("a");
        // The snapshot is there already.
        var error = await FailAsync(() => ReceiveAsync(), TransferFailure.SinkFailed);
        Assert.Contains("cannot receive", error.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], (await SnapshotsAsync(To)).Select(static s => s.Item1));
    }

    [Fact]
    public async Task Cancelling_in_the_middle_leaves_no_process_and_the_target_as_it_was()
    {
        foreach (var name in (string[])["a", "b", "c", "d"])
            await SnapshotAsync(name);
        await GivenAsync("a");
        var before = await SnapshotsAsync(To);
        await ServeAsync("d", "a");
        Server.Script(FileAction.StallAfter(Server.Content!.Length - 100_000));
        using var stop = new CancellationTokenSource();
        var receiving = ReceiveAsync(cancel: stop.Token);
        await Server.WaitForStallAsync(Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        Assert.Equal(before, await SnapshotsAsync(To));

        await ReceiveAsync();
        Assert.Equal(await SnapshotsAsync(From), await SnapshotsAsync(To));
    }

    [Fact]
    public async Task What_another_run_received_first_is_not_undone_by_the_one_that_came_too_late()
    {
        await SnapshotAsync("a");
        var stream = await SendAsync("a");
        await using var late = new ReceiveTarget(Zfs, To, new ReceiveOptions());
        await late.OpenAsync(Cancel);
        await GivenAsync("a");
        var error = await Assert.ThrowsAsync<TransferException>(async () =>
        {
            await late.WriteAsync(stream, Cancel);
            await late.CompleteAsync(Cancel);
        });
        Assert.Equal(TransferFailure.SinkFailed, error.Failure);
        var told = await Assert.ThrowsAsync<TransferException>(() => late.AbortAsync(error, Walk(stream).Substreams));
        Assert.Contains("nothing was undone", told.Message, StringComparison.Ordinal);
        Assert.Equal(await SnapshotsAsync(From), await SnapshotsAsync(To));
        await AssertSameFilesAsync("a");
    }

    [Fact]
    public async Task What_another_run_received_first_survives_the_cancelling_of_this_one()
    {
        await SnapshotAsync("a");
        await using var late = new ReceiveTarget(Zfs, To, new ReceiveOptions());
        await late.OpenAsync(Cancel);
        await GivenAsync("a");
        await late.AbortAsync(new OperationCanceledException(), []);
        Assert.Equal(await SnapshotsAsync(From), await SnapshotsAsync(To));
    }

    [Fact]
    public async Task A_snapshot_that_somebody_made_meanwhile_stays_when_the_receive_is_cancelled()
    {
        await SnapshotAsync("a");
        await SnapshotAsync("b");
        await GivenAsync("a");
        await ServeAsync("b", "a");
        await CancelAfterAsync(Server.Content!.Length / 2, () => Zfs.SnapshotAsync(new SnapshotName(To, "foreign"), Cancel));
        Assert.Equal(["a", "foreign"], (await SnapshotsAsync(To)).Select(static s => s.Item1));
    }

    [Fact]
    public async Task Snapshots_of_the_stream_and_of_somebody_else_are_both_left_with_what_to_do()
    {
        foreach (var name in (string[])["a", "b", "c"])
            await SnapshotAsync(name);
        await GivenAsync("a");
        var stream = await SendAsync("c", "a");
        await using var target = new ReceiveTarget(Zfs, To, new ReceiveOptions());
        await target.OpenAsync(Cancel);
        await target.WriteAsync(stream.AsMemory(0, stream.Length - 100_000), Cancel);
        for (var n = 0; n < 200 && !await Zfs.ExistsAsync($"{To}@b", Cancel); n++)
            await Task.Yield();
        Assert.SkipUnless(await Zfs.ExistsAsync($"{To}@b", Cancel), "This zfs commits the snapshots of a stream only at its end.");
        await Zfs.SnapshotAsync(new SnapshotName(To, "foreign"), Cancel);

        var error = await Assert.ThrowsAsync<TransferException>(() => target.AbortAsync(new OperationCanceledException(), Walk(stream).Substreams));

        Assert.Contains($"zfs rollback -r {To}@a", error.Message, StringComparison.Ordinal);
        Assert.Contains("@foreign is not of this stream", error.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "foreign"], (await SnapshotsAsync(To)).Select(static s => s.Item1));
    }

    [Fact]
    public async Task A_target_that_cannot_be_put_back_is_reported_with_what_to_do()
    {
        foreach (var name in (string[])["a", "b", "c"])
            await SnapshotAsync(name);
        await GivenAsync("a");
        await ServeAsync("c", "a");
        // A hold on what the stream brings is what a rollback cannot pass.
        Export.Then(() => Export.Ready() with { Sha256 = WrongSha256 });
        Export.Finally = () =>
        {
            if (Zfs.ExistsAsync($"{To}@b", Cancel).GetAwaiter().GetResult())
                RunZfsAsync("hold", "keep", $"{To}@b").GetAwaiter().GetResult();
            Export.Finally = () => Export.Ready() with { Sha256 = WrongSha256 };
            return Export.Finally();
        };
        var error = await FailAsync(() => ReceiveAsync(), TransferFailure.ChecksumMismatch);
        Assert.SkipUnless(await Zfs.ExistsAsync($"{To}@b", Cancel), "This zfs commits the snapshots of a stream only at its end.");
        Assert.Contains("could not be put back", error.Message, StringComparison.Ordinal);
        Assert.Contains($"zfs rollback -r {To}@a", error.Message, StringComparison.Ordinal);
        await RunZfsAsync("release", "keep", $"{To}@b");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public async Task BUG_2_a_stream_damaged_before_it_was_compressed_is_refused_though_its_checksum_is_right(string? from)
    {
        await SnapshotAsync("a");
        await SnapshotAsync("b");
        await SnapshotAsync("c");
        if (from is not null)
            await GivenAsync(from);
        var stream = await SendAsync("c", from);
        // In the data of the last snapshot: earlier ones are whole, and committed by then.
        stream[^1_000_000] ^= 1;
        Server.Content = StreamBytes.Gzip(stream);
        var error = await FailAsync(() => ReceiveAsync(), TransferFailure.BadStream);
        Assert.Contains("is damaged between byte", error.Message, StringComparison.Ordinal);
        if (from is null)
            Assert.False(await Zfs.ExistsAsync(To, Cancel));
        else
            Assert.Equal(["a"], (await SnapshotsAsync(To)).Select(static s => s.Item1));
    }

    [Fact]
    public async Task A_full_disk_ends_the_transfer_at_once_and_keeps_the_part()
    {
        await RunZfsAsync("set", "quota=4M", From);
        Server.Content = Bytes(20_000_000);
        var path = Path.Combine(Pool.Mountpoint, "from", "saved");
        await using (var sink = new FileSink(path, overwrite: false, resume: true))
        {
            var error = await FailAsync(() => RunAsync(sink), TransferFailure.SinkFailed);
            Assert.Contains("saved.part", error.Message, StringComparison.Ordinal);
        }
        Assert.Single(Server.Requests);
        Assert.False(File.Exists(path));
        Assert.InRange(new FileInfo(path + ".part").Length, 1, 8_000_000);

        await RunZfsAsync("set", "quota=none", From);
        await using (var sink = new FileSink(path, overwrite: false, resume: true))
            Assert.True((await RunAsync(sink)).ResumedFrom > 0);
        Assert.Equal(Server.Content, await File.ReadAllBytesAsync(path, Cancel));
    }

    private async Task CancelAfterAsync(int bytes, Func<Task> meanwhile)
    {
        Server.Script(FileAction.StallAfter(bytes));
        using var stop = new CancellationTokenSource();
        var receiving = ReceiveAsync(cancel: stop.Token);
        await Server.WaitForStallAsync(Cancel);
        await meanwhile();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
    }

    private static ReplayStream Walk(byte[] bytes)
    {
        var stream = new ReplayStream();
        stream.Read(bytes);
        stream.Finish();
        return stream;
    }
}
