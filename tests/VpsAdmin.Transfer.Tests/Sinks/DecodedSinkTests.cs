using VpsAdmin.Lab.Http;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Transfer.Tests.Sinks;

/// <summary>A decoded stream into a pipeline: what comes out, and what must not.</summary>
public sealed class DecodedSinkTests : TransferTest
{
    private const int Tail = 64 * 1024;

    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 3)]
    [InlineData(5_000_000, 1)]
    [InlineData(5_000_000, 7)]
    public async Task A_stream_comes_out_decoded_whatever_its_gzip_members(int dataBytes, int members)
    {
        var stream = StreamBytes.Simple(dataBytes);
        Server.Content = StreamBytes.Gzip(stream, members);
        var (chunks, result) = await ReadAsync();
        AssertSame(stream, chunks);
        Assert.All(chunks, static c => Assert.InRange(c.Length, 1, 80_000));
        Assert.True(result.Verified);
        Assert.Equal(Server.Content.Length, result.Bytes);
    }

    [Fact]
    public async Task A_connection_that_breaks_goes_on_in_the_same_stream()
    {
        var stream = StreamBytes.Simple(3_000_000);
        Server.Content = StreamBytes.Gzip(stream);
        Server.Script(FileAction.CutAfter(1_000_000), FileAction.CutAfter(1), FileAction.IgnoreRange);
        var (chunks, result) = await ReadAsync();
        AssertSame(stream, chunks);
        Assert.Equal(2, result.Retries);
    }

    [Fact]
    public async Task BUG_19_the_tail_stays_here_until_the_checksum_holds()
    {
        var stream = StreamBytes.Simple(3_000_000);
        Server.Content = StreamBytes.Gzip(stream);
        Export.Finally = () => Export.Ready() with { Sha256 = new string('0', 64) };
        var (seen, error) = await FailReadingAsync(TransferFailure.ChecksumMismatch);
        Assert.InRange(seen, 1, stream.Length - Tail);
        Assert.Equal(TransferFailure.ChecksumMismatch, error.Failure);
    }

    [Fact]
    public async Task Of_a_small_stream_nothing_comes_out_before_the_checksum_holds()
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(60_000));
        Export.Finally = () => Export.Ready() with { Sha256 = new string('0', 64) };
        var (seen, _) = await FailReadingAsync(TransferFailure.ChecksumMismatch);
        Assert.Equal(0, seen);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    [InlineData(2_000_000)]
    public async Task BUG_2_a_stream_that_was_cut_before_it_was_compressed_is_refused_though_its_checksum_is_right(int kept)
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(3_000_000)[..kept]);
        var (seen, _) = await FailReadingAsync(TransferFailure.BadStream);
        Assert.True(seen <= Math.Max(0, kept - Tail));
    }

    [Fact]
    public async Task BUG_2_the_byte_where_a_stream_was_cut_is_told()
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(3_000_000)[..1_234_567]);
        var (_, error) = await FailReadingAsync(TransferFailure.BadStream);
        Assert.Contains("cut short at byte 1234567", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_was_damaged_before_it_was_compressed_is_refused_though_its_checksum_is_right()
    {
        var stream = StreamBytes.Simple(3_000_000);
        stream[2_000_000] ^= 1;
        Server.Content = StreamBytes.Gzip(stream);
        var (seen, error) = await FailReadingAsync(TransferFailure.BadStream);
        Assert.Contains("is damaged between byte", error.Message, StringComparison.Ordinal);
        Assert.InRange(seen, 1, stream.Length - Tail);
    }

    [Fact]
    public async Task An_empty_stream_is_refused()
    {
        Server.Content = [];
        await FailReadingAsync(TransferFailure.BadStream);
    }

    [Fact]
    public async Task Data_that_is_no_gzip_is_refused()
    {
        Server.Content = Bytes(100_000);
        await FailReadingAsync(TransferFailure.BadStream);
    }

    [Fact]
    public async Task Damaged_gzip_is_refused_even_without_the_checksum()
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(3_000_000));
        Server.Content[1_500_000] ^= 0xff;
        await FailReadingAsync(TransferFailure.BadStream, Options with { VerifyChecksum = false });
    }

    [Fact]
    public async Task An_archive_is_no_stream()
    {
        Server.Content = StreamBytes.Gzip(Bytes(100_000));
        var (seen, error) = await FailReadingAsync(TransferFailure.BadStream);
        Assert.Equal(0, seen);
        Assert.Contains("not a ZFS stream", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_written_anew_cannot_be_taken_back_from_a_pipeline()
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(3_000_000));
        var anew = StreamBytes.Gzip(StreamBytes.Simple(100_000));
        Server.Script(FileAction.CutAfter(1_000_000), FileAction.Serve.After(() => Server.Content = anew));
        Export.ThenInProgress(2);
        await FailReadingAsync(TransferFailure.ExportRewritten);
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_transfer()
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(20_000_000));
        var target = new ChunkTarget();
        await using var sink = new DecodedSink(target);
        var running = RunAsync(sink);
        await target.Chunks.ReadAsync(Cancel);
        target.Close();
        await FailAsync(() => running, TransferFailure.SinkFailed);
    }

    [Fact]
    public async Task A_reader_that_goes_away_before_the_last_chunk_has_not_got_the_stream()
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(100_000));
        var target = new ChunkTarget();
        await using var sink = new DecodedSink(target);
        var running = RunAsync(sink);
        await target.Chunks.WaitToReadAsync(Cancel);
        target.Close();
        await FailAsync(() => running, TransferFailure.SinkFailed);
    }

    [Fact]
    public async Task Cancelling_while_nobody_reads_ends_the_transfer()
    {
        Server.Content = StreamBytes.Gzip(StreamBytes.Simple(20_000_000));
        var target = new ChunkTarget();
        await using var sink = new DecodedSink(target);
        using var stop = new CancellationTokenSource();
        var running = RunAsync(sink, cancel: stop.Token);
        await target.Chunks.WaitToReadAsync(Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DrainAsync(target));
    }

    [Fact]
    public async Task Memory_stays_flat_while_nobody_reads()
    {
        var target = new ChunkTarget();
        await using var sink = new DecodedSink(target);
        await sink.OpenAsync(Export, static _ => { }, Cancel);
        var fed = 0;
        var feeding = Task.Run(async () =>
        {
            foreach (var block in StreamBytes.Gzip(StreamBytes.Simple(16_000_000)).Chunk(64 * 1024))
            {
                await sink.WriteAsync(block, Cancel);
                fed += block.Length;
            }
        }, Cancel);
        while (target.Chunks.Count < 16)
            await Task.Yield();
        await sink.AbortAsync(keepPart: false);
        await Assert.ThrowsAnyAsync<Exception>(() => feeding);
        Assert.InRange(fed, 1, 4_000_000);
    }

    private async Task<(List<byte[]> Chunks, TransferResult Result)> ReadAsync()
    {
        var target = new ChunkTarget();
        await using var sink = new DecodedSink(target);
        var running = RunAsync(sink);
        var chunks = await target.Chunks.ReadAllAsync(Cancel).ToListAsync(Cancel);
        return (chunks, await running);
    }

    /// <summary>The reader and the caller learn the same reason.</summary>
    /// <returns>Bytes that the reader got.</returns>
    private async Task<(long Seen, TransferException Error)> FailReadingAsync(TransferFailure failure, TransferOptions? options = null)
    {
        var target = new ChunkTarget();
        await using var sink = new DecodedSink(target);
        var running = RunAsync(sink, options);
        long seen = 0;
        var error = await Assert.ThrowsAsync<TransferException>(async () =>
        {
            await foreach (var chunk in target.Chunks.ReadAllAsync(Cancel))
                seen += chunk.Length;
        });
        Assert.Equal(failure, error.Failure);
        await FailAsync(() => running, failure);
        return (seen, error);
    }

    private static void AssertSame(byte[] stream, List<byte[]> chunks)
    {
        byte[] whole = [.. chunks.SelectMany(static c => c)];
        Assert.Equal(stream.Length, whole.Length);
        Assert.True(stream.AsSpan().SequenceEqual(whole));
    }

    private static async Task DrainAsync(ChunkTarget target)
    {
        await foreach (var _ in target.Chunks.ReadAllAsync(Cancel))
        {
        }
    }
}
