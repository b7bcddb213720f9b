using System.Buffers.Binary;
using System.IO.Compression;
using VpsAdmin.Node.Exports;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Tests;

public sealed class ParallelGzipTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ParallelGzip.Piece - 1)]
    [InlineData(ParallelGzip.Piece)]
    [InlineData(ParallelGzip.Piece + 1)]
    [InlineData(7 * ParallelGzip.Piece + 12_345)]
    public async Task Any_gunzip_reads_what_was_written_as_one_member(int length)
    {
        var data = Data(length);
        var packed = await PackAsync(data, cores: 3);

        using var unpacked = new MemoryStream();
        await using (var gunzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress))
            await gunzip.CopyToAsync(unpacked, Cancel);
        Assert.Equal(data, unpacked.ToArray());
        // The trailer counts all of it: there is no other member.
        Assert.Equal((uint)length, BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(^4..)));

        Assert.Equal(new ProcessResult(0, ""), await TestAsync(packed));
    }

    [Fact]
    public async Task How_many_cores_there_are_changes_no_byte_and_it_packs_as_well_as_one_stream()
    {
        var data = Data(3 * ParallelGzip.Piece);
        var packed = await PackAsync(data, cores: 1);
        Assert.Equal(packed, await PackAsync(data, cores: 8));
        using var one = new MemoryStream();
        await using (var gzip = new GZipStream(one, CompressionLevel.Optimal, leaveOpen: true))
            await gzip.WriteAsync(data, Cancel);
        Assert.InRange(packed.Length, 0, one.Length * 1.02);
    }

    [Fact]
    public async Task What_was_not_completed_is_no_whole_file()
    {
        using var file = new MemoryStream();
        await new ParallelGzip(file, CompressionLevel.Optimal, cores: 2).WriteAsync(Data(4 * ParallelGzip.Piece), Cancel);
        Assert.InRange(file.Length, ParallelGzip.Piece, long.MaxValue);
        Assert.Contains("unexpected end of file", (await TestAsync(file.ToArray())).StandardError, StringComparison.Ordinal);
    }

    /// <summary>What everybody's gzip says of it.</summary>
    private static async Task<ProcessResult> TestAsync(byte[] packed)
    {
        Assert.SkipUnless(OwnedProcess.Locate("gzip") is not null, "There is no gzip here.");
        await using var test = OwnedProcess.Start(new ProcessSpec("gzip", ["-t"], RedirectInput: true));
        await test.StandardInput.WriteAsync(packed, Cancel);
        test.StandardInput.Close();
        return await test.Completion.WaitAsync(Cancel);
    }

    private static async Task<byte[]> PackAsync(byte[] data, int cores)
    {
        using var file = new MemoryStream();
        var gzip = new ParallelGzip(file, CompressionLevel.Optimal, cores);
        // In portions that fit into no piece.
        for (var at = 0; at < data.Length; at += 100_003)
            await gzip.WriteAsync(data.AsMemory(at, Math.Min(100_003, data.Length - at)), Cancel);
        await gzip.CompleteAsync(Cancel);
        return file.ToArray();
    }

    /// <summary>Half of it can be made smaller.</summary>
    private static byte[] Data(int length)
    {
        var data = new byte[length];
        new Random(1).NextBytes(data);
        for (var i = 0; i < length; i += 2)
            data[i] = (byte)(i >> 12);
        return data;
    }
}
