using CsCheck;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Zfs.Tests.OpenZfs;

/// <summary>Streams as OpenZFS writes them, with all that zfs-fuse does not know.</summary>
[Collection(OnOpenZfs.Name)]
public sealed class OpenZfsReplayTests(OpenZfsFixture fixture) : OpenZfsTest(fixture)
{
    [Fact]
    public async Task Streams_of_every_kind_are_whole_and_their_features_named()
    {
        await CreateAsync(Tank("a"));
        await RunZfsAsync("set", "recordsize=1M", "compression=lz4", Tank("a"));
        await CreateAsync(Tank("a/b"));
        foreach (var name in (string[])["s1", "s2"])
        {
            await WriteAsync(Tank("a"), name, 1_500_000);
            // Compresses well enough to be embedded.
            await Guest.RunAsync(["sh", "-c", "printf %0100d 7 >\"$1\"", "sh", $"/{Tank("a")}/small-{name}"], Cancel);
            await RunZfsAsync("snapshot", "-r", $"{Tank("a")}@{name}");
        }

        var plain = Read(await RunSendAsync($"{Tank("a")}@s1"));
        Assert.True(plain.HasRecordChecksums);
        Assert.Equal($"{Tank("a")}@s1", Assert.Single(plain.Substreams).ToName);

        var rich = Read(await RunSendAsync("-L", "-c", "-e", $"{Tank("a")}@s2"));
        Assert.Superset(new HashSet<string> { "embed_data", "lz4", "large_blocks", "compressed" }, rich.Substreams[0].Features.Names.ToHashSet());
        Assert.True(rich.Records.Single(static t => t.Type == ReplayRecordType.Write).LogicalBytes >= 3_000_000);
        Assert.Contains(rich.Records, static t => t.Type == ReplayRecordType.WriteEmbedded);

        var several = Read(await RunSendAsync("-R", $"{Tank("a")}@s2"));
        Assert.True(several.IsCompound);
        Assert.Equal(
            [$"{Tank("a/b")}@s1", $"{Tank("a/b")}@s2", $"{Tank("a")}@s1", $"{Tank("a")}@s2"],
            several.Substreams.Select(static s => s.ToName).Order(StringComparer.Ordinal));
        Assert.Equal(ReplayRecordType.Begin, Read(await RunSendAsync("-I", "@s1", $"{Tank("a")}@s2")).Records[0].Type);
    }

    [Fact]
    public async Task Snapshots_of_one_dataset_are_told_from_what_brings_more()
    {
        await CreateAsync(Tank("a"));
        await CreateAsync(Tank("a/b"));
        foreach (var name in (string[])["s1", "s2", "s3"])
            await RunZfsAsync("snapshot", "-r", $"{Tank("a")}@{name}");
        foreach (var arguments in (string[][])[[$"{Tank("a")}@s1"], ["-i", "@s1", $"{Tank("a")}@s3"], ["-I", "@s1", $"{Tank("a")}@s3"], ["-L", "-c", "-e", "-I", "@s1", $"{Tank("a")}@s3"]])
            Read(await RunSendAsync(arguments), oneDataset: true);

        await RefusedAsync("-R", $"{Tank("a")}@s3");
        await RefusedAsync("-p", $"{Tank("a/b")}@s3");
        await RunZfsAsync("hold", "keep", $"{Tank("a")}@s3");
        await RefusedAsync("-h", $"{Tank("a")}@s3");
        await RunZfsAsync("release", "keep", $"{Tank("a")}@s3");
    }

    [Fact]
    public async Task A_raw_stream_of_an_encrypted_filesystem_is_whole()
    {
        await Guest.RunAsync(["sh", "-c", "echo 'a long passphrase' | zfs create -o encryption=on -o keyformat=passphrase \"$1\"", "sh", Tank("secret")], Cancel);
        await SnapshotAsync(Tank("secret"), "s1", 500_000);
        var raw = Read(await RunSendAsync("-w", $"{Tank("secret")}@s1"));
        Assert.True(raw.Substreams[0].Features.IsRaw);
        Assert.Contains(raw.Records, static t => t.Type == ReplayRecordType.ObjectRange);
    }

    [Fact]
    public async Task The_rest_of_an_interrupted_receive_is_a_resuming_stream_and_its_token_tells_which()
    {
        await CreateAsync(Tank("a"));
        await SnapshotAsync(Tank("a"), "s1", 4_000_000);
        var stream = await SendAsync(Tank("a"), "s1");
        await FailsAsync(ZfsFailure.BadStream, () => ReceiveAsync(Back("a"), stream.AsMemory(0, stream.Length / 2), new(Resumable: true)));
        var token = await Zfs.GetResumeTokenAsync(Back("a"), Cancel);

        var rest = Read(await RunSendAsync("-t", token!));
        Assert.True(rest.Substreams[0].Features.IsResuming);
        Assert.InRange(rest.Position, 1, stream.Length - 1_000_000);
        Assert.Equal(new ResumeToken(rest.Substreams[0].ToGuid, $"{Tank("a")}@s1"), await Zfs.ReadResumeTokenAsync(token!, Cancel));
        // Also where the snapshot is not: the token has it all.
        await RunZfsAsync("destroy", "-r", Tank("a"));
        Assert.Equal(rest.Substreams[0].ToGuid, (await Zfs.ReadResumeTokenAsync(token!, Cancel))?.ToGuid);
        Assert.Null(await Zfs.ReadResumeTokenAsync("1-dead-beef-00", Cancel));
    }

    [Fact]
    public async Task BUG_2_any_cut_and_any_changed_byte_of_a_stream_of_openzfs_is_noticed()
    {
        await CreateAsync(Tank("a"));
        foreach (var name in (string[])["s1", "s2", "s3"])
            await SnapshotAsync(Tank("a"), name, 20_000);
        foreach (var bytes in (byte[][])[await SendAsync(Tank("a"), "s1"), await SendAsync(Tank("a"), "s3", "s1")])
        {
            Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte[1, 255]).Sample((at, change) =>
            {
                Assert.Equal(ReplayFault.CutShort, Assert.Throws<ReplayException>(() => Read(bytes.AsSpan(0, at))).Fault);
                bytes[at] ^= change;
                Assert.Throws<ReplayException>(() => Read(bytes));
                bytes[at] ^= change;
            }, iter: 2000, threads: 1);
            Read(bytes);
        }
    }

    private async Task<byte[]> RunSendAsync(params string[] arguments)
    {
        await using var send = OwnedProcess.Start(new ProcessSpec(Guest.Options.Program, ["send", .. arguments], RedirectOutput: true));
        using var stream = new MemoryStream();
        await send.StandardOutput.CopyToAsync(stream, Cancel);
        var result = await send.Completion;
        return result.ExitCode == 0 ? stream.ToArray() : throw ZfsException.From(send.Command, result);
    }

    private async Task RefusedAsync(params string[] arguments)
    {
        var bytes = await RunSendAsync(arguments);
        var error = Assert.Throws<ReplayException>(() => Read(bytes, oneDataset: true));
        Assert.Equal(ReplayFault.BringsMore, error.Fault);
        Assert.Contains("a list of filesystems and properties", error.Message, StringComparison.Ordinal);
    }

    private static ReplayStream Read(ReadOnlySpan<byte> bytes, bool oneDataset = false)
    {
        var stream = new ReplayStream(oneDataset);
        stream.Read(bytes);
        stream.Finish();
        return stream;
    }
}
