using CsCheck;

namespace VpsAdmin.Faults.Tests.Fuzzing;

/// <summary>Valid inputs, changed in a few places: most of what a parser checks is behind what random bytes would never get past.</summary>
internal static class Mutations
{
    private const int Longest = 32;

    /// <summary>Bytes that mean something to somebody.</summary>
    private static readonly byte[] Telling = [0, 1, 0x7f, 0x80, 0xff, (byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)'-', (byte)'9', (byte)'\\', (byte)'\n', (byte)'\t', (byte)'@', 0x1f, 0x8b];

    /// <param name="seeds">Valid ones.</param>
    public static Gen<byte[]> Of(params byte[][] seeds) =>
        from seed in Gen.Int[0, seeds.Length - 1]
        from changes in Gen.Select(Gen.Int[0, 8], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Byte).Array[0, 5]
        select changes.Aggregate(seeds[seed], static (bytes, change) => Change(bytes, change.Item1, change.Item2, change.Item3, change.Item4));

    public static Gen<string> Of(params string[] seeds) => Of([.. seeds.Select(System.Text.Encoding.UTF8.GetBytes)]).Select(System.Text.Encoding.UTF8.GetString);

    private static byte[] Change(byte[] bytes, int kind, double where, double howMuch, byte value)
    {
        var at = (int)(where * bytes.Length);
        var count = Math.Min(bytes.Length - at, 1 + (int)(howMuch * Longest));
        return kind switch
        {
            // Cut, take out, say twice, put in, flip, overwrite, begin anew in the middle.
            0 => bytes[..at],
            1 => [.. bytes[..at], .. bytes[(at + count)..]],
            2 => [.. bytes[..(at + count)], .. bytes[at..]],
            3 => [.. bytes[..at], .. Enumerable.Repeat(value, count), .. bytes[at..]],
            4 => With(bytes, at, (byte)(at < bytes.Length ? bytes[at] ^ (1 << (value & 7)) : 0)),
            5 => With(bytes, at, Telling[value % Telling.Length]),
            6 => [.. bytes[..at], .. Enumerable.Repeat(Telling[value % Telling.Length], count), .. bytes[at..]],
            7 => [.. bytes[..at], .. bytes[..count], .. bytes[at..]],
            _ => With(bytes, at, value),
        };
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        if (at >= bytes.Length)
            return [.. bytes, value];
        var changed = bytes.ToArray();
        changed[at] = value;
        return changed;
    }
}
