using System.Formats.Tar;
using System.Text;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Zfs.Tests.Replay;

public sealed class StreamFileTests
{
    private static readonly byte[] Simple = StreamBytes.Simple(100_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_stream_is_whole_plain_and_compressed(int members)
    {
        var plain = await TestAsync(Simple);
        Assert.Null(plain.Fault);
        Assert.Equal((false, Simple.Length, StreamKind.Full), (plain.IsCompressed, plain.FileBytes, plain.Kind));

        var gzip = StreamBytes.Gzip(Simple, members);
        var compressed = await TestAsync(gzip);
        Assert.Null(compressed.Fault);
        Assert.Equal((true, gzip.Length, StreamKind.Full), (compressed.IsCompressed, compressed.FileBytes, compressed.Kind));
        Assert.Equal(Simple.Length, compressed.Stream.Position);
    }

    [Fact]
    public async Task A_plain_file_cut_at_any_byte_is_told_from_where()
    {
        var bytes = StreamBytes.Simple(600);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var fault = (await TestAsync(bytes[..cut])).Fault!;
            Assert.Equal((ReplayFault.CutShort, cut), (fault.Fault, (int)fault.Offset));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_compressed_file_cut_at_any_byte_is_cut_short(int members)
    {
        var bytes = StreamBytes.Gzip(StreamBytes.Simple(600), members);
        for (var cut = 2; cut < bytes.Length; cut++)
            Assert.Equal(ReplayFault.CutShort, (await TestAsync(bytes[..cut])).Fault?.Fault);
        Assert.Null((await TestAsync(bytes)).Fault);
    }

    [Fact]
    public async Task A_stream_that_was_cut_before_it_was_compressed_is_cut_short_at_its_own_byte()
    {
        var fault = (await TestAsync(StreamBytes.Gzip(Simple[..50_000]))).Fault!;
        Assert.Equal((ReplayFault.CutShort, 50_000), (fault.Fault, fault.Offset));
    }

    [Fact]
    public async Task Damage_inside_of_gzip_and_before_it_is_found()
    {
        var damaged = (byte[])Simple.Clone();
        damaged[60_000] ^= 1;
        var before = (await TestAsync(StreamBytes.Gzip(damaged))).Fault!;
        Assert.Equal(ReplayFault.Damaged, before.Fault);
        Assert.InRange(60_000, before.SoundTo, before.Offset + 312);

        var gzip = StreamBytes.Gzip(Simple);
        gzip[60_000] ^= 0xff;
        Assert.Equal(ReplayFault.Damaged, (await TestAsync(gzip)).Fault?.Fault);
    }

    [Fact]
    public async Task Kinds_are_told_apart()
    {
        Assert.Equal(StreamKind.Incremental, (await TestAsync(new StreamBytes().Begin("a@b", 2, 1).End(2).ToArray())).Kind);
        Assert.Equal(StreamKind.Resuming, (await TestAsync(new StreamBytes().Begin("a@b", 2, 1, features: 1 << 20).End(2).ToArray())).Kind);
        var compound = await TestAsync(new StreamBytes().CompoundBegin("a@c").Substream("a@b", 2, 1).Substream("a@c", 3, 2).Conclusion().ToArray());
        Assert.Equal(StreamKind.Compound, compound.Kind);
        Assert.Equal(["sa_spill"], compound.Features.Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_archive_is_said_to_be_one(bool compressed)
    {
        var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, leaveOpen: true))
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "etc/passwd") { DataStream = new MemoryStream(new byte[9000]) }, Cancel);
        var report = await TestAsync(compressed ? StreamBytes.Gzip(tar.ToArray()) : tar.ToArray());
        Assert.Equal(ReplayFault.NotAStream, report.Fault?.Fault);
        Assert.Contains("tar archive", report.Fault!.Message, StringComparison.Ordinal);
        Assert.Null(report.Kind);
    }

    [Fact]
    public async Task Text_is_not_a_stream() =>
        Assert.Equal(ReplayFault.NotAStream, (await TestAsync(Encoding.UTF8.GetBytes("root:x:0:0:root:/root:/bin/bash\n"))).Fault?.Fault);

    private static Task<StreamReport> TestAsync(byte[] file) => StreamFile.TestAsync(new MemoryStream(file), progress: null, Cancel);
}
