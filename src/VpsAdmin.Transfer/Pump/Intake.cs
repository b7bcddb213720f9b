using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Pump;

/// <summary>
/// What has arrived: counts, hashes and stores it. The network fills a bounded pipe of pooled blocks while the other side hashes and
/// stores, both at once; memory stays the same whatever the file's size. When a body has ended, well or not, all that it brought is in the sink.
/// </summary>
internal sealed class Intake(TransferSink sink, ProgressMeter meter) : IAsyncDisposable
{
    private const int BlockSize = 256 * 1024;
    private const int SmallestRead = 64 * 1024;
    private const int MostInFlight = 8 * BlockSize;
    private const int MostAtOnce = MostInFlight / 4;

    private readonly RunningHash _hash = new();
    private readonly RecentBytes _recent = new();

    /// <summary>Bytes that are in the sink.</summary>
    public long Position { get; private set; }

    /// <summary>How many of the last ones are remembered for <see cref="SkipRecentAsync"/>.</summary>
    public int Recent => _recent.Bytes.Length;

    /// <summary>Opens the sink. What it has already is hashed while the rest arrives.</summary>
    /// <param name="repair">For chunks of it that turn out to be damaged; asked for only when the sink can be read.</param>
    public async Task OpenAsync(IExport export, Func<IStoredSink, ChunkRepair> repair, CancellationToken cancel)
    {
        Position = await GuardAsync(() => sink.OpenAsync(export, HashKnown, cancel)).ConfigureAwait(false);
        meter.StartAt(Position);
        if (Position == 0 || sink is not IStoredSink stored)
            return;
        await GuardAsync(() => RememberAsync(stored, cancel)).ConfigureAwait(false);
        _hash.Follow(stored, Position, repair(stored).RunAsync, cancel);
    }

    /// <summary>SHA-256 of all that is in the sink, in lower-case hex.</summary>
    public async Task<string> DigestAsync(CancellationToken cancel)
    {
        await CatchUpAsync(cancel).ConfigureAwait(false);
        return _hash.Hex;
    }

    /// <summary>After this nothing reads the sink any more.</summary>
    public Task StopAsync() => _hash.StopAsync();

    /// <returns>False: the sink cannot start over.</returns>
    public async Task<bool> RestartAsync(CancellationToken cancel)
    {
        await _hash.ResetAsync().ConfigureAwait(false);
        if (!await GuardAsync(() => sink.RestartAsync(cancel)).ConfigureAwait(false))
            return false;
        _recent.Clear();
        Position = 0;
        meter.StartAt(0);
        return true;
    }

    public Task CommitAsync(CancellationToken cancel) => GuardAsync(() => sink.CommitAsync(cancel));

    /// <summary>Reads over the bytes that are here already and compares them with those.</summary>
    /// <returns>False: they are others.</returns>
    public async Task<bool> SkipKnownAsync(PacedBody body, CancellationToken cancel)
    {
        await CatchUpAsync(cancel).ConfigureAwait(false);
        using var theirs = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[SmallestRead];
        for (var left = Position; left > 0;)
        {
            var read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancel).ConfigureAwait(false);
            if (read == 0)
                throw new TransferFault("The server ignored the range and its answer ended before the part that is missing here.");
            theirs.AppendData(buffer.AsSpan(0, read));
            left -= read;
        }
        return theirs.GetCurrentHash().AsSpan().SequenceEqual(_hash.Value);
    }

    /// <summary>Reads over the last <see cref="Recent"/> bytes that are here already and compares them with those.</summary>
    /// <returns>False: they are others.</returns>
    public async Task<bool> SkipRecentAsync(PacedBody body, CancellationToken cancel)
    {
        var buffer = new byte[SmallestRead];
        for (var done = 0; done < _recent.Bytes.Length;)
        {
            var read = await body.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, _recent.Bytes.Length - done)), cancel).ConfigureAwait(false);
            if (read == 0)
                throw new TransferFault("The answer ended before the part that is missing here.");
            if (!_recent.Bytes.Slice(done, read).SequenceEqual(buffer.AsSpan(0, read)))
                return false;
            done += read;
        }
        return true;
    }

    /// <exception cref="TransferFault">The connection broke; what it brought is in the sink.</exception>
    /// <exception cref="TransferException">The sink failed.</exception>
    public async Task TakeAsync(PacedBody body, CancellationToken cancel)
    {
        var pipe = new Pipe(new PipeOptions(
            pauseWriterThreshold: MostInFlight, resumeWriterThreshold: MostInFlight / 2, minimumSegmentSize: BlockSize, useSynchronizationContext: false));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var filling = FillAsync(body, pipe.Writer, stop.Token);
        try
        {
            // On a thread of the pool from the first: a sink may write without giving the thread back.
            await Task.Run(() => DrainAsync(pipe.Reader, cancel), CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // Its end is waited for; what it ended with matters no more.
            await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        await filling.ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _hash.DisposeAsync();

    private void HashKnown(ReadOnlyMemory<byte> block)
    {
        _hash.Append(block.Span);
        _recent.Append(block.Span);
        meter.Add(block.Length, TransferPhase.Verifying);
    }

    private Task CatchUpAsync(CancellationToken cancel) => GuardAsync(() => _hash.CatchUpAsync(cancel));

    private async Task RememberAsync(IStoredSink stored, CancellationToken cancel)
    {
        var last = new byte[(int)Math.Min(RecentBytes.Most, Position)];
        for (var done = 0; done < last.Length;)
        {
            var read = await stored.ReadAsync(last.AsMemory(done), Position - last.Length + done, cancel).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException("The part became shorter while it was read.");
            done += read;
        }
        _recent.Append(last);
    }

    private static async Task FillAsync(PacedBody body, PipeWriter writer, CancellationToken cancel)
    {
        try
        {
            var unseen = 0;
            while (true)
            {
                var room = writer.GetMemory(SmallestRead);
                var read = await body.ReadAsync(room, cancel).ConfigureAwait(false);
                if (read == 0)
                    return;
                writer.Advance(read);
                unseen += read;
                // Handing over wakes another thread. Where there is likely to be more at once, a few blocks go together.
                if (read == room.Length && unseen < MostAtOnce)
                    continue;
                unseen = 0;
                await writer.FlushAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            // Without an exception: what arrived before a broken connection is good and must not be lost.
            await writer.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task DrainAsync(PipeReader reader, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancel).ConfigureAwait(false);
                if (!read.Buffer.IsEmpty)
                    await StoreAsync(read.Buffer, cancel).ConfigureAwait(false);
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task StoreAsync(ReadOnlySequence<byte> blocks, CancellationToken cancel)
    {
        var isCurrent = _hash.IsCurrent;
        var hashing = isCurrent ? Task.Run(() => Hash(blocks), CancellationToken.None) : _hash.CheckAsync();
        try
        {
            foreach (var block in blocks)
            {
                await GuardAsync(() => sink.WriteAsync(block, cancel).AsTask()).ConfigureAwait(false);
                if (!isCurrent)
                    _hash.AppendStored(block.Span);
                _recent.Append(block.Span);
                Position += block.Length;
                meter.Add(block.Length);
            }
        }
        finally
        {
            // The blocks go back to their pool after this.
            await hashing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await GuardAsync(() => hashing).ConfigureAwait(false);
    }

    private void Hash(ReadOnlySequence<byte> blocks)
    {
        foreach (var block in blocks)
            _hash.Append(block.Span);
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> use)
    {
        var result = default(T)!;
        await GuardAsync(async () => { result = await use().ConfigureAwait(false); }).ConfigureAwait(false);
        return result;
    }

    private static async Task GuardAsync(Func<Task> use)
    {
        try
        {
            await use().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (TransferException or OperationCanceledException or RewrittenException))
        {
            throw new TransferException(TransferFailure.SinkFailed, e.Message, e);
        }
    }
}
