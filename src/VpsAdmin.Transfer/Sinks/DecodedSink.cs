using System.IO.Compression;
using System.IO.Pipelines;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Transfer.Sinks;

/// <summary>
/// Decompresses (gzip, any number of members), keeps back the stream's tail until the pump says <see cref="CommitAsync"/>, and hands
/// the rest to an <see cref="IDecodedTarget"/> as it arrives. A stream that does not end with its end record, or whose own checksums are wrong, is
/// refused whatever the server's SHA-256 says (BUG-2). The target is opened only when the first bytes are due to it.
/// </summary>
public sealed class DecodedSink(IDecodedTarget target) : TransferSink
{
    private const int MostCompressedInFlight = 1024 * 1024;

    private readonly Pipe _compressed = new(new PipeOptions(
        pauseWriterThreshold: MostCompressedInFlight, resumeWriterThreshold: MostCompressedInFlight / 2, minimumSegmentSize: 64 * 1024,
        useSynchronizationContext: false));

    private readonly HeldTail _tail = new();
    private readonly ReplayStream _stream = new(target.OneDataset);
    private readonly CancellationTokenSource _stop = new();
    private Task _decoding = Task.CompletedTask;
    private bool _isTargetOpen;
    private long _passedOn;

    /// <summary>Streams inside the stream that have begun so far, in order: one for each snapshot.</summary>
    public IReadOnlyList<ReplaySubstream> Substreams => _stream.Substreams;

    public override Task<long> OpenAsync(IExport export, Action<ReadOnlyMemory<byte>> hash, CancellationToken cancel)
    {
        _decoding = Task.Run(DecodeAsync, CancellationToken.None);
        return Task.FromResult(0L);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> compressed, CancellationToken cancel)
    {
        var flushed = await _compressed.Writer.WriteAsync(compressed, cancel).ConfigureAwait(false);
        // The decoder never leaves before the end of its input unless something failed: that is what it throws here.
        if (flushed.IsCompleted)
            await _decoding.ConfigureAwait(false);
    }

    public override Task<bool> RestartAsync(CancellationToken cancel) => Task.FromResult(false);

    public override async Task CommitAsync(CancellationToken cancel)
    {
        await _compressed.Writer.CompleteAsync().ConfigureAwait(false);
        await _decoding.WaitAsync(cancel).ConfigureAwait(false);
        Finish();
        await PassOnAsync(_tail.Held, cancel).ConfigureAwait(false);
        await target.CompleteAsync(cancel).ConfigureAwait(false);
    }

    public override Task AbortAsync(bool keepPart) => AbortAsync(keepPart, null);

    public override async Task AbortAsync(bool keepPart, Exception? reason)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _compressed.Writer.CompleteAsync().ConfigureAwait(false);
        // Its failure, if any, has been thrown to the pump by WriteAsync or CommitAsync, or matters no more.
        await _decoding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await target.AbortAsync(reason, _stream.EndedBefore(_passedOn)).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        await target.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task DecodeAsync()
    {
        try
        {
            var input = _compressed.Reader.AsStream(leaveOpen: true);
            var gzip = new GZipStream(input, CompressionMode.Decompress);
            await using (gzip.ConfigureAwait(false))
                await DecodeAsync(gzip).ConfigureAwait(false);
            await DrainAsync(input).ConfigureAwait(false);
        }
        catch (ReplayException e)
        {
            throw Refused(e);
        }
        catch (InvalidDataException e)
        {
            throw new TransferException(TransferFailure.BadStream, $"The export is not sound gzip: {e.Message}", e);
        }
        finally
        {
            await _compressed.Reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task DecodeAsync(GZipStream gzip)
    {
        while (true)
        {
            var read = await gzip.ReadAsync(_tail.Free, _stop.Token).ConfigureAwait(false);
            if (read == 0)
                return;
            _stream.Read(_tail.Free.Span[..read]);
            _tail.Add(read);
            if (!_tail.IsFull)
                continue;
            await PassOnAsync(_tail.Releasable, _stop.Token).ConfigureAwait(false);
            _tail.Release();
        }
    }

    /// <summary>What stands behind the last gzip member is padding, as for gzip(1); the checksum has covered it.</summary>
    private async Task DrainAsync(Stream input)
    {
        var rest = new byte[4096];
        while (await input.ReadAsync(rest, _stop.Token).ConfigureAwait(false) > 0)
        {
        }
    }

    private void Finish()
    {
        try
        {
            _stream.Finish();
        }
        catch (ReplayException e)
        {
            throw Refused(e);
        }
    }

    private static TransferException Refused(ReplayException e) => new(TransferFailure.BadStream, e.Fault switch
    {
        ReplayFault.NotAStream => "The decoded export is not a ZFS stream.",
        ReplayFault.NotUnderstood => e.Message,
        ReplayFault.BringsMore => $"{e.Message} It was not received: no export of vpsAdmin is like this. Ask who runs the server.",
        _ => $"{e.Message} The export failed on the server, whatever its checksum says.",
    }, e);

    private async Task PassOnAsync(ReadOnlyMemory<byte> decoded, CancellationToken cancel)
    {
        if (!_isTargetOpen)
        {
            await target.OpenAsync(_stream.Substreams, cancel).ConfigureAwait(false);
            _isTargetOpen = true;
        }
        // Before it is written: a write that fails may have passed on all of it.
        _passedOn += decoded.Length;
        await target.WriteAsync(decoded, cancel).ConfigureAwait(false);
    }
}
