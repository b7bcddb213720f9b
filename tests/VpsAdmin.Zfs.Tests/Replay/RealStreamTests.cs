using CsCheck;
using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs.Replay;
using VpsAdmin.Zfs.Tests.Support;

namespace VpsAdmin.Zfs.Tests.Replay;

/// <summary>Streams of the lab's own ZFS.</summary>
public sealed class RealStreamTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task Full_and_incremental_streams_of_this_zfs_are_whole_and_their_snapshots_known()
    {
        await CreateSourceAsync(3_000_000, "s1", "s2", "s3");
        var guids = (await Zfs.ListSnapshotsAsync(Name("from"), 0, Cancel)).ToDictionary(static s => s.Name.Name, static s => s.Guid);

        var full = Read(await SendAsync(Name("from@s1")));
        Assert.False(full.IsCompound);
        Assert.Equal([(Name("from@s1"), guids["s1"], 0UL)], full.Substreams.Select(static s => (s.ToName, s.ToGuid, s.FromGuid)));
        Assert.True(full.Records.Single(static t => t.Type == ReplayRecordType.Write).LogicalBytes >= 3_000_000);

        var several = Read(await SendAsync("-I", Name("from@s1"), Name("from@s3")));
        Assert.True(several.IsCompound);
        Assert.Equal(
            [(guids["s2"], guids["s1"]), (guids["s3"], guids["s2"])],
            several.Substreams.Select(static s => (s.ToGuid, s.FromGuid)));
    }

    [Theory]
    [InlineData("-R")]
    [InlineData("-p")]
    [InlineData("-D")]
    public async Task Streams_with_everything_in_them_are_whole(string option)
    {
        await CreateSourceAsync(300_000, "s1");
        var stream = Read(await SendAsync(option, Name("from@s1")));
        Assert.Equal(Name("from@s1"), Assert.Single(stream.Substreams).ToName);
    }

    [Fact]
    public async Task Of_this_zfs_snapshots_of_one_dataset_are_told_from_what_brings_more()
    {
        await CreateSourceAsync(20_000, "s1", "s2");
        await CreateAsync("from/child");
        await RunZfsAsync("snapshot", "-r", Name("from@s3"));
        foreach (var arguments in (string[][])[[Name("from@s1")], ["-i", Name("from@s1"), Name("from@s3")], ["-I", Name("from@s1"), Name("from@s3")], ["-D", "-I", Name("from@s1"), Name("from@s3")]])
            Read(await SendAsync(arguments), oneDataset: true);

        await RefusedAsync("-R", Name("from@s3"));
        await RefusedAsync("-R", "-I", Name("from@s1"), Name("from@s3"));
        await RefusedAsync("-p", Name("from/child@s3"));
        await RefusedAsync("-p", "-I", Name("from@s1"), Name("from@s3"));
    }

    [Fact]
    public async Task BUG_2_any_cut_and_any_changed_byte_of_a_stream_of_this_zfs_is_noticed()
    {
        await CreateSourceAsync(20_000, "s1", "s2", "s3");
        foreach (var bytes in (byte[][])[await SendAsync(Name("from@s1")), await SendAsync("-I", Name("from@s1"), Name("from@s3"))])
        {
            Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte[1, 255]).Sample((at, change) =>
            {
                Assert.Equal(ReplayFault.CutShort, Assert.Throws<ReplayException>(() => Read(bytes.AsSpan(0, at))).Fault);
                bytes[at] ^= change;
                Assert.Throws<ReplayException>(() => Read(bytes));
                bytes[at] ^= change;
            }, iter: 2000, threads: 1);
            // The parts that no data protects: the first and the last records.
            foreach (var at in Enumerable.Range(0, 700).Concat(Enumerable.Range(bytes.Length - 700, 700)))
            {
                bytes[at] ^= 1;
                Assert.Throws<ReplayException>(() => Read(bytes));
                bytes[at] ^= 1;
            }
            Read(bytes);
        }
    }

    private async Task CreateSourceAsync(int bytes, params string[] snapshots)
    {
        await CreateAsync("from");
        foreach (var name in snapshots)
        {
            await WriteAsync("from", name, bytes);
            await Zfs.SnapshotAsync(Snapshot("from", name), Cancel);
        }
    }

    private static async Task<byte[]> SendAsync(params string[] arguments)
    {
        await using var send = OwnedProcess.Start(new ProcessSpec("zfs", ["send", .. arguments], RedirectOutput: true));
        using var stream = new MemoryStream();
        await send.StandardOutput.CopyToAsync(stream, Cancel);
        var result = await send.Completion;
        Assert.True(result.ExitCode == 0, result.StandardError);
        return stream.ToArray();
    }

    private static async Task RefusedAsync(params string[] arguments)
    {
        var bytes = await SendAsync(arguments);
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
