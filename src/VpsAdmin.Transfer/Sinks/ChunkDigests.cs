using System.IO.Hashing;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// Digests of the chunks of a part, made as it is written. They find what a disk or a power failure damaged, so that it alone is fetched
/// again; whether the file is the server's is for SHA-256 to say, so that a fast hash is enough here.
/// </summary>
internal sealed class ChunkDigests(int chunkSize)
{
    public const int Smallest = 1 << 20;
    public const int Largest = 1 << 28;

    private const int MostChunks = 4096;
    private const int WhenUnknown = 8 << 20;

    private readonly List<string> _finished = [];
    private readonly XxHash128 _current = new();
    private int _filled;

    /// <summary>Bytes; a power of two.</summary>
    public int ChunkSize { get; } = chunkSize;

    /// <summary>Bytes that the digests cover.</summary>
    public long Length => ((long)_finished.Count * ChunkSize) + _filled;

    /// <summary>Small enough that little is fetched again, large enough that the sidecar stays small.</summary>
    /// <param name="sizeMiB">Of the whole file; null while unknown.</param>
    public static int SizeFor(long? sizeMiB)
    {
        if (sizeMiB is not { } size)
            return WhenUnknown;
        var chunk = Smallest;
        while (chunk < Largest && (long)chunk * MostChunks >> 20 < size)
            chunk *= 2;
        return chunk;
    }

    public static bool IsSize(int chunkSize) => chunkSize is >= Smallest and <= Largest && int.IsPow2(chunkSize);

    /// <summary>As it is recorded: 32 lower-case hex digits.</summary>
    public static string TextOf(XxHash128 hash) => Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <summary>Digests of whole chunks that an earlier run made.</summary>
    public void Restore(IEnumerable<string> finished) => _finished.AddRange(finished);

    /// <returns>True when a chunk was finished.</returns>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        var before = _finished.Count;
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, ChunkSize - _filled)];
            _current.Append(piece);
            _filled += piece.Length;
            bytes = bytes[piece.Length..];
            if (_filled == ChunkSize)
                FinishChunk();
        }
        return _finished.Count > before;
    }

    /// <summary>All, also that of a last chunk that is not full yet.</summary>
    public string[] Current() => _filled == 0 ? [.. _finished] : [.. _finished, TextOf(_current)];

    private void FinishChunk()
    {
        _finished.Add(TextOf(_current));
        _current.Reset();
        _filled = 0;
    }
}
