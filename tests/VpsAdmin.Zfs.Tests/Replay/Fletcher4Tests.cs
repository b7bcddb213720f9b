using System.Buffers.Binary;
using System.Diagnostics;
using CsCheck;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Zfs.Tests.Replay;

public sealed class Fletcher4Tests(ITestOutputHelper output)
{
    /// <summary>By its definition, word for word.</summary>
    private static FletcherSums Simple(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        ulong a = 0, b = 0, c = 0, d = 0;
        for (; bytes.Length >= 4; bytes = bytes[4..])
        {
            a += bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            b += a;
            c += b;
            d += c;
        }
        return new FletcherSums(a, b, c, d);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_bytes_in_any_pieces_have_the_sum_of_the_definition(bool bigEndian) =>
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[1, 400].Array[1, 5]).Sample((bytes, sizes) =>
        {
            var sum = new Fletcher4();
            var rest = bytes.AsMemory();
            for (var i = 0; !rest.IsEmpty; i++)
            {
                var size = Math.Min(sizes[i % sizes.Length], rest.Length);
                sum.Append(rest.Span[..size], bigEndian);
                rest = rest[size..];
            }
            Assert.Equal(Simple(bytes, bigEndian), sum.Sums);
        }, iter: 300, threads: 1);

    [Fact]
    public void Sums_that_overflow_wrap_as_those_of_zfs()
    {
        var bytes = new byte[9 * 1024 * 1024];
        Array.Fill(bytes, (byte)0xff);
        var sum = new Fletcher4();
        sum.Append(bytes, bigEndian: false);
        Assert.Equal(Simple(bytes, false), sum.Sums);
    }

    [Fact]
    public void What_is_left_of_a_word_at_the_end_of_a_run_is_in_no_sum()
    {
        var sum = new Fletcher4();
        sum.Append([1, 0, 0, 0, 9, 9], bigEndian: false);
        sum.EndRun();
        sum.Append([2, 0, 0, 0], bigEndian: false);
        Assert.Equal(Simple([1, 0, 0, 0, 2, 0, 0, 0], false), sum.Sums);
    }

    /// <summary>Reports the rate; asserts only what was read.</summary>
    [Fact]
    public void A_large_stream_is_walked_with_all_its_checksums()
    {
        var bytes = new StreamBytes().Begin("tank/a@s", 77);
        for (var i = 0; i < 64; i++)
            bytes.Write(128 * 1024);
        var stream = bytes.End(77).ToArray();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 128; i++)
        {
            var walk = new ReplayStream();
            walk.Read(stream);
            walk.Finish();
        }
        output.WriteLine($"{stream.Length / 1e9 * 128 / clock.Elapsed.TotalSeconds:F1} GB/s");
    }
}
