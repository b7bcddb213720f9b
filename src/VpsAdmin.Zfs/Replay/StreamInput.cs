namespace VpsAdmin.Zfs.Replay;

/// <summary>A file for <see cref="System.IO.Compression.GZipStream"/> to read: counted, and with a member of our own behind its end on demand.</summary>
internal sealed class StreamInput(Stream file) : Stream
{
    /// <summary>gzip of nothing (RFC 1952).</summary>
    private static readonly byte[] EmptyMember = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private ReadOnlyMemory<byte> _ahead;

    /// <summary>Bytes of the file that were read.</summary>
    public long Taken { get; private set; }

    /// <summary>Looks at the first two bytes.</summary>
    public async Task<bool> IsGzipAsync(CancellationToken cancel)
    {
        var mark = new byte[2];
        var read = await file.ReadAtLeastAsync(mark, mark.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        Taken += read;
        _ahead = mark.AsMemory(0, read);
        return _ahead.Span.SequenceEqual(EmptyMember.AsSpan(0, 2));
    }

    /// <summary>
    /// .NET takes a gzip file that ends inside its last member for a whole one. Behind such an end another member makes no sense, and is an
    /// error; behind a whole one it adds nothing.
    /// </summary>
    public void AppendEmptyMember() => _ahead = EmptyMember;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_ahead.IsEmpty)
        {
            var count = Math.Min(_ahead.Length, buffer.Length);
            _ahead[..count].CopyTo(buffer);
            _ahead = _ahead[count..];
            return count;
        }
        var read = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Taken += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
