using System.Buffers;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Pump;

/// <summary>Fetches a damaged chunk of a part again, alone, while the rest of the file goes on arriving.</summary>
internal sealed class ChunkRepair(IExport export, ExportFile file, IStoredSink sink, TransferOptions options, TimeProvider time, TokenBucket? bucket)
{
    private const int BlockSize = 256 * 1024;

    private long _bytes;

    /// <summary>Bytes that were fetched again.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <exception cref="TransferException">It is not to be had.</exception>
    public async Task RunAsync(long offset, int length, CancellationToken cancel)
    {
        var faults = new Faults(options, time, static (_, _) => { });
        await faults.ExecuteAsync(c => FetchAsync(offset, length, c), cancel).ConfigureAwait(false);
        Interlocked.Add(ref _bytes, length);
    }

    private async Task<bool> FetchAsync(long offset, int length, CancellationToken cancel)
    {
        var state = await RetriedExport.ReadOnceAsync(export, cancel).ConfigureAwait(false);
        using var response = await file.GetAsync(state.Url, offset, cancel, offset + length - 1).ConfigureAwait(false);
        var head = ExportFile.HeadOf(response);
        switch (Decision.OfHead(head, offset, state.Ready))
        {
            case HeadVerdict.Append or HeadVerdict.SkipThenAppend:
                break;
            case HeadVerdict.TryAgain:
                throw new TransferFault($"{state.Url.Authority} answered {head.Status}.", null, file.RetryAfterOf(response));
            case HeadVerdict.WrongRange or HeadVerdict.Refused:
                throw new TransferException(TransferFailure.BadResponse, $"{state.Url.Authority} refuses bytes {offset} to {offset + length - 1} of the file: {head.Status} {response.ReasonPhrase}.");
            default:
                throw new TransferFault($"{state.Url.Authority} does not have bytes {offset} to {offset + length - 1} of the file any more.", null, null, TransferFailure.ExportRewritten);
        }
        var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        using var body = new PacedBody(stream, bucket, options, time);
        await StoreAsync(body, head.Status == 206 ? 0 : offset, offset, length, cancel).ConfigureAwait(false);
        return true;
    }

    /// <param name="skip">Bytes of the body before the chunk: all, when the server ignored the range.</param>
    private async Task StoreAsync(PacedBody body, long skip, long offset, int length, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (var at = -skip; at < length;)
            {
                var read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(BlockSize, at < 0 ? -at : length - at)), cancel).ConfigureAwait(false);
                if (read == 0)
                    throw new TransferFault("The answer ended before the damaged bytes were here.");
                if (at >= 0)
                    await sink.RepairAsync(buffer.AsMemory(0, read), offset + at, cancel).ConfigureAwait(false);
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
