using System.IO.Pipelines;
using System.Security.Cryptography;

namespace VpsAdmin.Transfer.Pump;

/// <summary>
/// What has arrived: counts, hashes and stores it. The network fills a bounded pipe of pooled blocks while the other side hashes and
/// stores, both at once; memory stays the same whatever the file's size. When a body has ended, well or not, all that it brought is in the sink.
/// </summary>
internal sealed class Intake(TransferSink sink, ProgressMeter meter) : IDisposable
{
    private const int BlockSize = 256 * 1024;
    private const int SmallestRead = 64 * 1024;
    private const int MostInFlight = 8 * BlockSize;

    private IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes that are in the sink.</summary>
    public long Position { get; private set; }

    /// <summary>SHA-256 of those bytes, in lower-case hex.</summary>
    public string Digest => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public async Task OpenAsync(IExport export, CancellationToken cancel)
    {
        Position = await GuardAsync(() => sink.OpenAsync(export, HashKnown, cancel)).ConfigureAwait(false);
        meter.StartAt(Position);
    }

    /// <returns>False: the sink cannot start over.</returns>
    public async Task<bool> RestartAsync(CancellationToken cancel)
    {
        if (!await GuardAsync(() => sink.RestartAsync(cancel)).ConfigureAwait(false))
            return false;
        _hash.Dispose();
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Position = 0;
        meter.StartAt(0);
        return true;
    }

    public Task CommitAsync(CancellationToken cancel) => GuardAsync(async () =>
    {
        await sink.CommitAsync(cancel).ConfigureAwait(false);
        return true;
    });

    /// <summary>Reads over the bytes that are here already and compares them with those.</summary>
    /// <returns>False: they are others.</returns>
    public async Task<bool> SkipKnownAsync(PacedBody body, CancellationToken cancel)
    {
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
        return theirs.GetCurrentHash().AsSpan().SequenceEqual(_hash.GetCurrentHash());
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
            await DrainAsync(pipe.Reader, cancel).ConfigureAwait(false);
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

    public void Dispose() => _hash.Dispose();

    private void HashKnown(ReadOnlyMemory<byte> block)
    {
        _hash.AppendData(block.Span);
        meter.Add(block.Length, TransferPhase.Verifying);
    }

    private static async Task FillAsync(PacedBody body, PipeWriter writer, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(writer.GetMemory(SmallestRead), cancel).ConfigureAwait(false);
                if (read == 0)
                    return;
                writer.Advance(read);
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
                var block = read.Buffer.First;
                if (!block.IsEmpty)
                    await StoreAsync(block, cancel).ConfigureAwait(false);
                reader.AdvanceTo(read.Buffer.GetPosition(block.Length));
                if (read.IsCompleted && block.Length == read.Buffer.Length)
                    return;
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task StoreAsync(ReadOnlyMemory<byte> block, CancellationToken cancel)
    {
        var hashing = Task.Run(() => _hash.AppendData(block.Span), CancellationToken.None);
        try
        {
            await GuardAsync(async () =>
            {
                await sink.WriteAsync(block, cancel).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
        finally
        {
            // The block goes back to its pool after this.
            await hashing.ConfigureAwait(false);
        }
        Position += block.Length;
        meter.Add(block.Length);
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> use)
    {
        try
        {
            return await use().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (TransferException or OperationCanceledException))
        {
            throw new TransferException(TransferFailure.SinkFailed, e.Message, e);
        }
    }
}
