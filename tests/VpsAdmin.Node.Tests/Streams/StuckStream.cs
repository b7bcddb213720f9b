using System.Threading.Channels;
using VpsAdmin.Node.Streams;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>A connection whose other end has lost its power, when the kernel's buffers are full: nothing comes, and nothing gets away.</summary>
internal sealed class StuckStream : Stream
{
    private readonly Channel<FrameType> _writes = Channel.CreateUnbounded<FrameType>();
    private readonly CancellationTokenSource _closed = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The next frame that somebody has begun to write.</summary>
    public async Task<FrameType> NextAsync(CancellationToken cancel) => await _writes.Reader.ReadAsync(cancel);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await StuckAsync(cancellationToken);
        return 0;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _writes.Writer.TryWrite((FrameType)buffer.Span[0]);
        await StuckAsync(cancellationToken);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _closed.Cancel();
        base.Dispose(disposing);
    }

    private async Task StuckAsync(CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _closed.Token);
        var stuck = new TaskCompletionSource();
        await using var _ = either.Token.Register(() => stuck.TrySetResult());
        await stuck.Task;
        cancel.ThrowIfCancellationRequested();
        throw new IOException("The connection is closed.");
    }
}
