using VpsAdmin.Transfer.Pump;

namespace VpsAdmin.Transfer.Tests.Pump;

/// <summary>A stall is too few bytes in too much waiting, not only silence.</summary>
public sealed class StallTests
{
    private static readonly TransferOptions Options = new(StallTimeout: TimeSpan.FromMinutes(1), StallBytes: 1000);

    private readonly ImpatientTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trickle_is_given_up()
    {
        using var body = new PacedBody(new Trickle(_time, bytes: 10, every: TimeSpan.FromSeconds(1)), null, Options, _time);
        var fault = await Assert.ThrowsAsync<TransferFault>(() => ReadAsync(body, 10_000));
        Assert.Contains("1000 bytes in 60 s", fault.Message, StringComparison.Ordinal);
        Assert.InRange(_time.Passed.TotalSeconds, 60, 62);
    }

    [Fact]
    public async Task A_slow_but_steady_connection_is_not()
    {
        using var body = new PacedBody(new Trickle(_time, bytes: 20, every: TimeSpan.FromSeconds(1)), null, Options, _time);
        await ReadAsync(body, 10_000);
        Assert.InRange(_time.Passed.TotalSeconds, 499, 501);
    }

    [Fact]
    public async Task A_limit_of_ones_own_is_no_stall()
    {
        using var body = new PacedBody(new Trickle(_time, bytes: 20, every: TimeSpan.Zero), new TokenBucket(5, _time), Options, _time);
        await ReadAsync(body, 2_000);
        Assert.InRange(_time.Passed.TotalSeconds, 395, 405);
    }

    private static async Task ReadAsync(PacedBody body, int bytes)
    {
        var buffer = new byte[100];
        for (var got = 0; got < bytes;)
            got += await body.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, bytes - got)), Cancel);
    }

    /// <summary>A few bytes at a time, each time after a while.</summary>
    private sealed class Trickle(ImpatientTime time, int bytes, TimeSpan every) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            time.Skip(every);
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(Math.Min(bytes, buffer.Length));
        }

        public override void Flush() => throw new NotSupportedException();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
