using Microsoft.Win32.SafeHandles;

namespace VpsAdmin.NodeWeb;

/// <summary>
/// A file as long as it was when it was opened, however it grows: a reply must not hold more bytes than its Content-Length says.
/// Not safe for concurrent reads. Owns the handle.
/// </summary>
internal sealed class FixedLengthContent(SafeFileHandle file) : Stream
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly long _length = RandomAccess.GetLength(file);
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <exception cref="EndOfStreamException">The file is shorter than it was: it was cut off, or is being written anew.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, Math.Max(0, _length - _position));
        if (wanted == 0)
            return 0;
        var read = await RandomAccess.ReadAsync(file, buffer[..wanted], _position, cancellationToken).ConfigureAwait(false);
        // zfs-fuse tells the length of a file that grows before its last bytes can be read, and NFS clients may.
        for (var waited = TimeSpan.Zero; read == 0 && !IsShorter && waited < Patience; waited += LookAgain)
        {
            await Task.Delay(LookAgain, cancellationToken).ConfigureAwait(false);
            read = await RandomAccess.ReadAsync(file, buffer[..wanted], _position, cancellationToken).ConfigureAwait(false);
        }
        return Advance(read);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, Math.Max(0, _length - _position));
        return wanted == 0 ? 0 : Advance(RandomAccess.Read(file, buffer[..wanted], _position));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        SeekOrigin.End => _length + offset,
        _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, null),
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }

    private bool IsShorter => RandomAccess.GetLength(file) < _length;

    // Also bytes that could be read are not sent when the end is missing: they may be another attempt's.
    private int Advance(int read)
    {
        if (read == 0 || IsShorter)
            throw new EndOfStreamException($"The file had {_length} bytes and was cut off while it was read at {_position}.");
        _position += read;
        return read;
    }
}
