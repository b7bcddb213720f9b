namespace VpsAdmin.Zfs.Tests.OpenZfs;

/// <summary>Send and receive on OpenZFS 2.1, from one pool to another.</summary>
[Collection(OnOpenZfs.Name)]
public sealed class OpenZfsStreamTests(OpenZfsFixture fixture) : OpenZfsTest(fixture)
{
    // More than the pipes and ssh hold.
    private const int SnapshotBytes = 8_000_000;

    private async Task CreateSourceAsync(params string[] snapshots)
    {
        await CreateAsync(Tank("a"));
        foreach (var name in snapshots)
            await SnapshotAsync(Tank("a"), name, SnapshotBytes);
    }

    private Task<string> ChecksumAsync(string file) => Guest.RunAsync(["sh", "-c", "sha256sum <\"$1\"", "sh", file], Cancel);

    [Fact]
    public async Task A_copy_has_the_same_snapshots_and_content_and_is_not_mounted()
    {
        await CreateSourceAsync("s1", "s2", "s3");

        await ReceiveAsync(Back("a"), await SendAsync(Tank("a"), "s1"));
        await ReceiveAsync(Back("a"), await SendAsync(Tank("a"), "s3", "s1"));

        Assert.Equal(await GuidsAsync(Tank("a")), await GuidsAsync(Back("a")));
        Assert.False((await Zfs.GetFilesystemAsync(Back("a"), Cancel)).IsMounted);
        await Zfs.CloneAsync(new(Back("a"), "s2"), Back("look"), null, Cancel);
        Assert.Equal("s1\ns2\n", await Guest.RunAsync(["ls", $"/{Back("look")}"], Cancel));
        Assert.Equal(await ChecksumAsync($"/{Tank("a")}/s2"), await ChecksumAsync($"/{Back("look")}/s2"));
    }

    [Fact]
    public async Task A_receive_mounts_when_told_to()
    {
        await CreateSourceAsync("s1");
        await ReceiveAsync(Back("a"), await SendAsync(Tank("a"), "s1"), new(Unmounted: false));
        Assert.True((await Zfs.GetFilesystemAsync(Back("a"), Cancel)).IsMounted);
    }

    [Fact]
    public async Task The_size_of_a_stream_is_known_before_it_is_sent()
    {
        await CreateSourceAsync("s1", "s2", "s3");
        foreach (var from in (string?[])[null, "s1"])
        {
            var estimate = await Zfs.EstimateSendAsync(new(Tank("a"), "s3"), from, Cancel);
            var stream = await SendAsync(Tank("a"), "s3", from);
            Assert.InRange((double)estimate!.Value / stream.Length, 0.95, 1.05);
        }
        await FailsAsync(ZfsFailure.NotFound, () => Zfs.EstimateSendAsync(new(Tank("a"), "none"), null, Cancel));
    }

    [Fact]
    public async Task A_send_of_or_from_what_is_not_there_fails_with_its_reason()
    {
        await CreateSourceAsync("s2");
        await FailsAsync(ZfsFailure.NotFound, () => SendAsync(Tank("a"), "none"));
        await FailsAsync(ZfsFailure.NotFound, () => SendAsync(Tank("a"), "s2", "none"));
    }

    [Fact]
    public async Task A_bad_stream_is_refused_and_leaves_nothing()
    {
        await CreateSourceAsync("s1");
        var stream = await SendAsync(Tank("a"), "s1");

        await FailsAsync(ZfsFailure.BadStream, () => ReceiveAsync(Back("a"), new byte[100_000]));
        await FailsAsync(ZfsFailure.BadStream, () => ReceiveAsync(Back("a"), ReadOnlyMemory<byte>.Empty));
        await FailsAsync(ZfsFailure.BadStream, () => ReceiveAsync(Back("a"), stream.AsMemory(0, stream.Length / 2)));
        stream[stream.Length / 2] ^= 1;
        await FailsAsync(ZfsFailure.BadStream, () => ReceiveAsync(Back("a"), stream));
        Assert.False(await Zfs.ExistsAsync(Back("a"), Cancel));
    }

    [Fact]
    public async Task A_stream_goes_only_onto_its_base()
    {
        await CreateSourceAsync("s1", "s2", "s3");
        var full = await SendAsync(Tank("a"), "s1");
        var second = await SendAsync(Tank("a"), "s2", "s1");
        var third = await SendAsync(Tank("a"), "s3", "s2");

        await FailsAsync(ZfsFailure.NotFound, () => ReceiveAsync(Back("a"), second));
        await ReceiveAsync(Back("a"), full, new(Unmounted: false));
        await FailsAsync(ZfsFailure.AlreadyExists, () => ReceiveAsync(Back("a"), full));
        await FailsAsync(ZfsFailure.BadStream, () => ReceiveAsync(Back("a"), third));
        await WriteAsync(Back("a"), "stray", 1000);
        await FailsAsync(ZfsFailure.BadStream, () => ReceiveAsync(Back("a"), second));
        await ReceiveAsync(Back("a"), second, new(Force: true));
        Assert.Equal(["s1", "s2"], (await GuidsAsync(Back("a"))).Select(static s => s.Item1));
    }

    [Fact]
    public async Task A_target_without_room_is_out_of_space()
    {
        await CreateSourceAsync("s1");
        await RunZfsAsync("set", "quota=1M", Back("a")[..^2]);
        var stream = await SendAsync(Tank("a"), "s1");
        await FailsAsync(ZfsFailure.OutOfSpace, () => ReceiveAsync(Back("a"), stream));
        Assert.False(await Zfs.ExistsAsync(Back("a"), Cancel));
    }

    [Fact]
    public async Task A_receive_killed_in_the_middle_leaves_nothing_new()
    {
        await CreateSourceAsync("s1", "s2");
        var full = await SendAsync(Tank("a"), "s1");
        await KillInTheMiddleAsync(full, new());
        Assert.False(await Zfs.ExistsAsync(Back("a"), Cancel));

        await ReceiveAsync(Back("a"), full);
        var increment = await SendAsync(Tank("a"), "s2", "s1");
        await KillInTheMiddleAsync(increment, new());
        Assert.Equal(["s1"], (await GuidsAsync(Back("a"))).Select(static s => s.Item1));
        await ReceiveAsync(Back("a"), increment);
    }

    [Fact]
    public async Task A_resumable_receive_leaves_a_token_to_go_on_with()
    {
        await CreateSourceAsync("s1");
        var stream = await SendAsync(Tank("a"), "s1");
        await FailsAsync(ZfsFailure.BadStream, () => ReceiveAsync(Back("a"), stream.AsMemory(0, stream.Length / 2), new(Resumable: true)));

        var token = await Zfs.GetResumeTokenAsync(Back("a"), Cancel);
        Assert.Equal(token, await GetAsync(Back("a"), "receive_resume_token"));
        Assert.True(token!.Length > 20, token);
        await FailsAsync(ZfsFailure.AlreadyExists, () => ReceiveAsync(Back("a"), stream));
        await Guest.RunAsync(["sh", "-c", "zfs send -t \"$1\" | zfs receive -s -u \"$2\"", "sh", token, Back("a")], Cancel);
        Assert.Equal(await GuidsAsync(Tank("a")), await GuidsAsync(Back("a")));
    }

    [Fact]
    public async Task A_partial_receive_stands_in_the_way_until_it_is_dropped()
    {
        await CreateSourceAsync("s1", "s2");
        await ReceiveAsync(Back("a"), await SendAsync(Tank("a"), "s1"));
        var increment = await SendAsync(Tank("a"), "s2", "s1");
        await KillInTheMiddleAsync(increment, new(Resumable: true));
        Assert.NotNull(await Zfs.GetResumeTokenAsync(Back("a"), Cancel));
        await FailsAsync(ZfsFailure.InUse, () => ReceiveAsync(Back("a"), increment));

        await Zfs.DropPartialReceiveAsync(Back("a"), Cancel);

        Assert.Null(await Zfs.GetResumeTokenAsync(Back("a"), Cancel));
        await ReceiveAsync(Back("a"), increment);
        Assert.Equal(await GuidsAsync(Tank("a")), await GuidsAsync(Back("a")));
    }

    private async Task KillInTheMiddleAsync(byte[] stream, ReceiveOptions options)
    {
        await using var receive = await Zfs.StartReceiveAsync(Back("a"), options, Cancel);
        // That the write returns means that the receiver is at work.
        await receive.StandardInput.WriteAsync(stream.AsMemory(0, stream.Length * 9 / 10), Cancel);
        await receive.KillAsync();
        Assert.Equal(137, (await receive.Completion).ExitCode);
    }
}
