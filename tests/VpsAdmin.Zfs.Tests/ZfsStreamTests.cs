using VpsAdmin.Lab;
using VpsAdmin.Zfs.Tests.Support;

namespace VpsAdmin.Zfs.Tests;

/// <summary>Send and receive on a real ZFS.</summary>
public sealed class ZfsStreamTests(LabFixture lab) : LabTest(lab)
{
    private async Task CreateSourceAsync(params string[] snapshots)
    {
        await CreateAsync("from");
        foreach (var name in snapshots)
        {
            await WriteAsync("from", name, bytes: 3_000_000);
            await Zfs.SnapshotAsync(Snapshot("from", name), Cancel);
        }
    }

    private async Task<IEnumerable<(string, ulong)>> GuidsAsync(string path) =>
        (await Zfs.ListSnapshotsAsync(Name(path), 0, Cancel)).Select(s => (s.Name.Name, s.Guid));

    [Fact]
    public async Task A_copy_has_the_same_snapshots_and_content()
    {
        await CreateSourceAsync("s1", "s2", "s3", "s4");

        await TransferAsync(Snapshot("from", "s1"), null, Name("to"));
        await TransferAsync(Snapshot("from", "s4"), "s1", Name("to"));

        Assert.Equal(await GuidsAsync("from"), await GuidsAsync("to"));
        Assert.False((await Zfs.GetFilesystemAsync(Name("to"), Cancel)).IsMounted);
        await Zfs.CloneAsync(Snapshot("to", "s3"), Name("look"), null, Cancel);
        Assert.Equal(["s1", "s2", "s3"], Directory.EnumerateFiles(Path.Combine(Pool.Mountpoint, "look")).Select(Path.GetFileName).Order());
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(Pool.Mountpoint, "from", "s3"), Cancel),
            await File.ReadAllBytesAsync(Path.Combine(Pool.Mountpoint, "look", "s3"), Cancel));
    }

    [Fact]
    public async Task A_receive_mounts_when_told_to()
    {
        await CreateSourceAsync("s1");
        await TransferAsync(Snapshot("from", "s1"), null, Name("to"), new ReceiveOptions(Unmounted: false));
        Assert.True((await Zfs.GetFilesystemAsync(Name("to"), Cancel)).IsMounted);
    }

    [Fact]
    public async Task A_receive_killed_in_the_middle_leaves_nothing_new()
    {
        await CreateSourceAsync("s1", "s2");
        var full = await SendAsync(Snapshot("from", "s1"), null);
        await KillInTheMiddleAsync(full);
        await UntilGoneAsync(Name("to"));

        await TransferWhenFreeAsync(Snapshot("from", "s1"), null, Name("to"));
        await KillInTheMiddleAsync(await SendAsync(Snapshot("from", "s2"), "s1"));
        Assert.Equal(["s1"], (await GuidsAsync("to")).Select(s => s.Item1));

        await TransferWhenFreeAsync(Snapshot("from", "s2"), "s1", Name("to"));
        Assert.Equal(await GuidsAsync("from"), await GuidsAsync("to"));
    }

    private async Task KillInTheMiddleAsync(byte[] stream)
    {
        await using var receive = await Zfs.StartReceiveAsync(Name("to"), new(), Cancel);
        // More than the pipe holds: that the write returns means that the receiver is at work.
        await receive.StandardInput.WriteAsync(stream.AsMemory(0, stream.Length * 9 / 10), Cancel);
        await receive.KillAsync();
        Assert.Equal(137, (await receive.Completion).ExitCode);
    }

    [Fact]
    public async Task A_stream_cut_short_is_a_bad_stream_and_leaves_nothing()
    {
        await CreateSourceAsync("s1");
        var stream = await SendAsync(Snapshot("from", "s1"), null);
        await using var receive = await Zfs.StartReceiveAsync(Name("to"), new(), Cancel);
        await receive.StandardInput.WriteAsync(stream.AsMemory(0, stream.Length / 2), Cancel);
        await receive.StandardInput.DisposeAsync();
        var error = ZfsException.From(receive.Command, await receive.Completion);
        Assert.Equal(ZfsFailure.BadStream, error.Failure);
        Assert.False(await Zfs.ExistsAsync(Name("to"), Cancel));
    }

    [Fact]
    public async Task A_stream_on_the_wrong_base_is_refused()
    {
        await CreateSourceAsync("s1", "s2", "s3");
        await TransferAsync(Snapshot("from", "s1"), null, Name("to"));
        var error = await Assert.ThrowsAsync<ZfsException>(() => TransferAsync(Snapshot("from", "s3"), "s2", Name("to")));
        Assert.Equal(ZfsFailure.BadStream, error.Failure);
        Assert.Equal(["s1"], (await GuidsAsync("to")).Select(s => s.Item1));
    }

    [Fact]
    public async Task A_changed_target_takes_a_stream_only_by_force()
    {
        await CreateSourceAsync("s1", "s2");
        await TransferAsync(Snapshot("from", "s1"), null, Name("to"), new ReceiveOptions(Unmounted: false));
        await WriteAsync("to", "stray", 1000);
        await Zfs.SnapshotAsync(Snapshot("to", "flush"), Cancel);
        await Zfs.DestroyAsync(Name("to@flush"), Cancel);

        var error = await Assert.ThrowsAsync<ZfsException>(() => TransferAsync(Snapshot("from", "s2"), "s1", Name("to")));
        Assert.Equal(ZfsFailure.BadStream, error.Failure);
        await TransferWhenFreeAsync(Snapshot("from", "s2"), "s1", Name("to"), new ReceiveOptions(Force: true));
        Assert.Equal(await GuidsAsync("from"), await GuidsAsync("to"));
    }

    [Fact]
    public async Task A_send_that_nobody_reads_any_more_is_killed_and_leaves_the_dataset_free()
    {
        await CreateSourceAsync("s1");
        await using (var send = await Zfs.StartSendAsync(Snapshot("from", "s1"), null, Cancel))
        {
            await send.StandardOutput.ReadExactlyAsync(new byte[1000], Cancel);
            await send.KillAsync();
            Assert.False(Directory.Exists($"/proc/{send.Id}"));
        }
        await Zfs.DestroyAsync(Name("from@s1"), Cancel);
        await Zfs.DestroyAsync(Name("from"), Cancel);
    }

    [Fact]
    public async Task A_send_of_nothing_fails_with_its_reason()
    {
        await CreateSourceAsync("s1");
        await using var send = await Zfs.StartSendAsync(Snapshot("from", "none"), null, Cancel);
        var error = ZfsException.From(send.Command, await send.Completion);
        Assert.Equal(ZfsFailure.NotFound, error.Failure);
    }

    [Fact]
    public async Task The_size_of_a_stream_is_estimated()
    {
        await CreateSourceAsync("s1", "s2");
        var estimate = await Zfs.EstimateSendAsync(Snapshot("from", "s1"), null, Cancel);
        Assert.InRange(estimate!.Value, 3_000_000, 4_000_000);
        if (!(await Zfs.GetCapabilitiesAsync(Cancel)).SendSizeEstimate)
            Assert.Null(await Zfs.EstimateSendAsync(Snapshot("from", "s2"), "s1", Cancel));
    }
}
