using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VpsAdmin.Zfs.Replay;

/// <summary>The four sums of a fletcher-4 checksum (zio_cksum_t).</summary>
internal readonly record struct FletcherSums(ulong A, ulong B, ulong C, ulong D)
{
    public bool IsZero => this == default;
}

/// <summary>
/// A running fletcher-4 checksum (OpenZFS zfs_fletcher.c): for each 32-bit word, a += word; b += a; c += b; d += c, modulo 2^64.
/// </summary>
/// <remarks>
/// Four lanes take every fourth word each. With m words left in a lane, one word of it weighs 1, m, m(m+1)/2, m(m+1)(m+2)/6 in the sums of the
/// lane, and the same with 4m - i for m in the sums of the whole: <see cref="Join"/> is that substitution, multiplied out.
/// </remarks>
internal sealed class Fletcher4
{
    private const int WordSize = sizeof(uint);
    private const int Lanes = 4;

    /// <summary>n(n+1)(n+2) of so many words still fits 64 bits.</summary>
    private const int MostWords = 1 << 20;

    private readonly byte[] _odd = new byte[WordSize];
    private int _oddCount;

    public FletcherSums Sums { get; private set; }

    public void Reset()
    {
        Sums = default;
        _oddCount = 0;
    }

    /// <summary>The next bytes; a word may come in pieces.</summary>
    /// <param name="bigEndian">Byte order of the words.</param>
    public void Append(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        while (_oddCount > 0 && !bytes.IsEmpty)
        {
            AppendOdd(bytes[0], bigEndian);
            bytes = bytes[1..];
        }
        var words = MemoryMarshal.Cast<byte, uint>(bytes);
        foreach (var odd in bytes[(words.Length * WordSize)..])
            AppendOdd(odd, bigEndian);
        var reverse = bigEndian == BitConverter.IsLittleEndian;
        for (; words.Length > MostWords; words = words[MostWords..])
            AppendWords(words[..MostWords], reverse);
        AppendWords(words, reverse);
    }

    /// <summary>Ends a run of bytes that ZFS sums in one call: what is left of a word there is in no sum.</summary>
    public void EndRun() => _oddCount = 0;

    private void AppendOdd(byte value, bool bigEndian)
    {
        _odd[_oddCount++] = value;
        if (_oddCount < WordSize)
            return;
        _oddCount = 0;
        Sums = Next(Sums, bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(_odd) : BinaryPrimitives.ReadUInt32LittleEndian(_odd));
    }

    private void AppendWords(ReadOnlySpan<uint> words, bool reverse)
    {
        var inLanes = words.Length / Vector256<uint>.Count * Vector256<uint>.Count;
        if (inLanes > 0)
            Sums = Chain(Sums, OfLanes(words[..inLanes], reverse), (ulong)inLanes);
        foreach (var word in words[inLanes..])
            Sums = Next(Sums, reverse ? BinaryPrimitives.ReverseEndianness(word) : word);
    }

    private static FletcherSums Next(FletcherSums sums, uint word)
    {
        var a = sums.A + word;
        var b = sums.B + a;
        var c = sums.C + b;
        return new FletcherSums(a, b, c, sums.D + c);
    }

    private static FletcherSums OfLanes(ReadOnlySpan<uint> words, bool reverse)
    {
        var swap = Vector256.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 19, 18, 17, 16, 23, 22, 21, 20, 27, 26, 25, 24, 31, 30, 29, 28);
        var a = Vector256<ulong>.Zero;
        var b = Vector256<ulong>.Zero;
        var c = Vector256<ulong>.Zero;
        var d = Vector256<ulong>.Zero;
        ref var first = ref MemoryMarshal.GetReference(words);
        for (nuint i = 0; i < (nuint)words.Length; i += (nuint)Vector256<uint>.Count)
        {
            var eight = Vector256.LoadUnsafe(ref first, i);
            if (reverse)
                eight = Vector256.Shuffle(eight.AsByte(), swap).AsUInt32();
            var (lower, upper) = Vector256.Widen(eight);
            a += lower;
            b += a;
            c += b;
            d += c;
            a += upper;
            b += a;
            c += b;
            d += c;
        }
        return Join(a, b, c, d);
    }

    private static FletcherSums Join(Vector256<ulong> a, Vector256<ulong> b, Vector256<ulong> c, Vector256<ulong> d)
    {
        FletcherSums sums = default;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var i = (ulong)lane;
            var (la, lb, lc, ld) = (a[lane], b[lane], c[lane], d[lane]);
            // i(i-1) and i(i-1)(i-2) are 0 for the small lanes, also in unsigned arithmetic.
            sums = new FletcherSums(
                sums.A + la,
                sums.B + 4 * lb - i * la,
                sums.C + 16 * lc - (6 + 4 * i) * lb + i * (i - 1) / 2 * la,
                sums.D + 64 * ld - (48 + 16 * i) * lc + (2 * i * i + 4 * i + 4) * lb - (i < 3 ? 0UL : 1UL) * la);
        }
        return sums;
    }

    /// <summary>The sums of some words followed by <paramref name="n"/> others.</summary>
    private static FletcherSums Chain(FletcherSums before, FletcherSums after, ulong n)
    {
        var n2 = n * (n + 1) / 2;
        var n3 = n * (n + 1) * (n + 2) / 6;
        return new FletcherSums(
            before.A + after.A,
            before.B + n * before.A + after.B,
            before.C + n * before.B + n2 * before.A + after.C,
            before.D + n * before.C + n2 * before.B + n3 * before.A + after.D);
    }
}
