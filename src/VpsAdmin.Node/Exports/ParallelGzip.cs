using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace VpsAdmin.Node.Exports;

/// <summary>
/// One gzip member (RFC 1952) that several cores make: pieces of the data are deflated side by side, each up to a sync flush, where it ends on a whole byte
/// and so can stand before the next one. Any gunzip reads it.
/// </summary>
internal sealed class ParallelGzip(Stream output, CompressionLevel level, int cores)
{
    /// <summary>A piece begins with an empty window of 32 KiB: at this size that costs well below one percent.</summary>
    internal const int Piece = 512 << 10;

    // Method deflate, no flags, no time, no hint; "unknown" system.
    private static readonly byte[] Header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

    // The last block, with nothing in it.
    private static readonly byte[] End = [0x03, 0x00];

    private readonly Queue<Task<ReadOnlyMemory<byte>>> _packing = new([Task.FromResult<ReadOnlyMemory<byte>>(Header)]);
    private readonly Crc32 _crc = new();
    private byte[] _piece = new byte[Piece];
    private int _filled;
    private long _length;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        _crc.Append(data.Span);
        _length += data.Length;
        while (!data.IsEmpty)
        {
            var part = data[..Math.Min(data.Length, Piece - _filled)];
            part.CopyTo(_piece.AsMemory(_filled));
            _filled += part.Length;
            data = data[part.Length..];
            if (_filled == Piece)
                await PackAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Writes what is left and the trailer. Without it no reader takes the file for a whole one.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancel)
    {
        if (_filled > 0)
            await PackAsync(cancel).ConfigureAwait(false);
        while (_packing.Count > 0)
            await WriteOldestAsync(cancel).ConfigureAwait(false);
        var trailer = new byte[End.Length + 8];
        End.CopyTo(trailer, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(End.Length), _crc.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(End.Length + 4), (uint)_length);
        await output.WriteAsync(trailer, cancel).ConfigureAwait(false);
    }

    private async ValueTask PackAsync(CancellationToken cancel)
    {
        var (piece, filled) = (_piece, _filled);
        (_piece, _filled) = (new byte[Piece], 0);
        _packing.Enqueue(Task.Run(() => Deflate(piece.AsSpan(0, filled), level), cancel));
        while (_packing.Count >= cores)
            await WriteOldestAsync(cancel).ConfigureAwait(false);
    }

    private async ValueTask WriteOldestAsync(CancellationToken cancel)
    {
        var packed = await _packing.Dequeue().ConfigureAwait(false);
        await output.WriteAsync(packed, cancel).ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte> Deflate(ReadOnlySpan<byte> piece, CompressionLevel level)
    {
        var packed = new MemoryStream(piece.Length / 2);
        using var deflate = new DeflateStream(packed, level, leaveOpen: true);
        deflate.Write(piece);
        deflate.Flush();
        // Closing it writes a last block, which is the file's end and not that of a piece.
        return packed.GetBuffer().AsMemory(0, (int)packed.Length);
    }
}
