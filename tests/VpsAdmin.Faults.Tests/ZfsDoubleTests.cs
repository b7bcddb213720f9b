using VpsAdmin.Lab;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;

namespace VpsAdmin.Faults.Tests;

/// <summary>A <c>zfs receive</c> that behaves as none should, at the end of a transfer: an error that says what it did, no process left, nothing waited for.</summary>
public sealed class ZfsDoubleTests(LabFixture lab)
{
    private const string Target = "tank/none";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ZfsDeed.Fail, "out of space")]
    [InlineData(ZfsDeed.ExitEarly, "invalid stream")]
    public async Task A_receive_that_ends_before_its_stream_is_an_error_with_its_own_words(ZfsDeed deed, string words)
    {
        using var zfs = await ReceivingAsync(new ZfsRule("receive", deed, words, ExitCode: 3, Bytes: 100_000));
        await using var target = new ReceiveTarget(new ZfsHost(new ZfsHostOptions(Program: zfs.Program)), Target, new ReceiveOptions());
        var error = await Assert.ThrowsAsync<TransferException>(async () =>
        {
            await target.OpenAsync(Cancel);
            while (true)
                await target.WriteAsync(new byte[64 * 1024], Cancel);
        });
        Assert.Equal(TransferFailure.SinkFailed, error.Failure);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receive_that_neither_reads_nor_ends_is_killed_when_the_transfer_is_given_up()
    {
        using var zfs = await ReceivingAsync(new ZfsRule("receive", ZfsDeed.Hang));
        await using var target = new ReceiveTarget(new ZfsHost(new ZfsHostOptions(Program: zfs.Program)), Target, new ReceiveOptions());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await target.OpenAsync(Cancel);
        var writing = Task.Run(async () =>
        {
            while (true)
                await target.WriteAsync(new byte[64 * 1024], stop.Token);
        }, Cancel);
        await Eventually.TrueAsync(() => zfs.Calls.Contains("receive"), Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        await target.AbortAsync();
        RequireNoneLiving(zfs);
    }

    [Fact]
    public async Task A_receive_that_fails_at_the_very_end_fails_the_transfer()
    {
        using var zfs = await ReceivingAsync(new ZfsRule("receive", ZfsDeed.ExitEarly, "cannot receive: I/O error", ExitCode: 1, Bytes: 5000));
        await using var target = new ReceiveTarget(new ZfsHost(new ZfsHostOptions(Program: zfs.Program)), Target, new ReceiveOptions());
        await target.OpenAsync(Cancel);
        await target.WriteAsync(new byte[5000], Cancel);
        var error = await Assert.ThrowsAsync<TransferException>(() => target.CompleteAsync(Cancel));
        Assert.Contains("I/O error", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receive_that_fails_when_all_is_done_fails_the_transfer()
    {
        await using var pool = await lab.CreatePoolAsync("double");
        var (host, source, received) = (new ZfsHost(), new SnapshotName($"{pool.Name}/from", "s"), $"{pool.Name}/to");
        await host.CreateFilesystemAsync(source.Dataset, null, Cancel);
        await host.SnapshotAsync(source, Cancel);
        using var zfs = await ZfsDouble.CreateAsync([new ZfsRule("receive", ZfsDeed.FailAfter, "cannot receive: I/O error")]);
        await using var target = new ReceiveTarget(new ZfsHost(new ZfsHostOptions(Program: zfs.Program)), received, new ReceiveOptions());
        await target.OpenAsync(Cancel);
        using var stream = new MemoryStream();
        await using (var send = await host.StartSendAsync(source, null, Cancel))
            await send.StandardOutput.CopyToAsync(stream, Cancel);
        await target.WriteAsync(stream.ToArray(), Cancel);
        var error = await Assert.ThrowsAsync<TransferException>(() => target.CompleteAsync(Cancel));
        Assert.Contains("I/O error", error.Message, StringComparison.Ordinal);
        Assert.Equal(["s"], (await host.ListSnapshotsAsync(received, 0, Cancel)).Select(static s => s.Name.Name));
    }

    [Fact]
    public async Task A_send_that_fills_its_pipe_is_ended_with_its_reader()
    {
        using var zfs = await ZfsDouble.CreateAsync([new ZfsRule("send", ZfsDeed.FillPipe)]);
        await using (var send = await new ZfsHost(new ZfsHostOptions(Program: zfs.Program)).StartSendAsync(new SnapshotName("tank/none", "s"), null, Cancel))
            await send.StandardOutput.ReadExactlyAsync(new byte[100_000], Cancel);
        RequireNoneLiving(zfs);
    }

    private static void RequireNoneLiving(ZfsDouble zfs)
    {
        Assert.NotEmpty(zfs.Pids);
        Assert.Empty(Processes.Living(zfs.Pids));
    }

    /// <summary>A zfs without any dataset, whose receive into one does as the rule says; it tells what it can do as any other.</summary>
    private static Task<ZfsDouble> ReceivingAsync(ZfsRule rule) => ZfsDouble.CreateAsync(
        [rule with { Containing = Target }, .. ((string[])["get", "list"]).Select(static command => new ZfsRule(command, ZfsDeed.Fail, $"cannot open '{Target}': dataset does not exist"))]);

    [Fact]
    public async Task Rules_skip_and_end_and_are_for_some_calls_only()
    {
        using var zfs = await ZfsDouble.CreateAsync(
        [
            new ZfsRule("get", ZfsDeed.Print, "second", Skip: 1, Times: 1),
            new ZfsRule("get", ZfsDeed.Print, "of that one", Containing: "tank/that"),
            new ZfsRule("get", ZfsDeed.Print, "other"),
        ]);
        Assert.Equal(["other", "second", "other", "of that one"], [await GetAsync(zfs, "x"), await GetAsync(zfs, "x"), await GetAsync(zfs, "x"), await GetAsync(zfs, "tank/that")]);
    }

    [Fact]
    public async Task A_double_in_the_same_folder_begins_anew()
    {
        var folder = Directory.CreateTempSubdirectory("zfs-double-").FullName;
        try
        {
            ZfsRule[] rules = [new("get", ZfsDeed.Print, "once", Times: 1), new("get", ZfsDeed.Print, "later")];
            var first = await ZfsDouble.CreateAsync(rules, folder);
            Assert.Equal(["once", "later"], [await GetAsync(first, "x"), await GetAsync(first, "x")]);
            first.GoOn();
            var others = Path.Combine(folder, "log");
            await File.WriteAllTextAsync(others, "somebody's", Cancel);

            var second = await ZfsDouble.CreateAsync(rules, folder);
            Assert.Empty(second.Calls);
            Assert.Equal(["once", "later"], [await GetAsync(second, "x"), await GetAsync(second, "x")]);
            Assert.Equal(2, second.Calls.Count);
            Assert.False(File.Exists(Path.Combine(folder, "go-on")));
            Assert.Equal("somebody's", await File.ReadAllTextAsync(others, Cancel));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_zfs_that_is_no_double_is_not_overwritten()
    {
        var folder = Directory.CreateTempSubdirectory("zfs-double-").FullName;
        try
        {
            var own = Path.Combine(folder, "zfs");
            await File.WriteAllTextAsync(own, "the machine's", Cancel);
            var refused = await Assert.ThrowsAsync<IOException>(() => ZfsDouble.CreateAsync([], folder));
            Assert.Contains($"'{own}' is there, and no double", refused.Message, StringComparison.Ordinal);
            Assert.Equal("the machine's", await File.ReadAllTextAsync(own, Cancel));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> GetAsync(ZfsDouble zfs, string name)
    {
        await using var process = Zfs.Processes.OwnedProcess.Start(new Zfs.Processes.ProcessSpec(zfs.Program, ["get", name], RedirectOutput: true));
        return (await new StreamReader(process.StandardOutput).ReadToEndAsync(Cancel)).Trim();
    }
}
