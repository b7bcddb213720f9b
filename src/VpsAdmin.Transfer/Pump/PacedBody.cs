namespace VpsAdmin.Transfer.Pump;

/// <summary>A body that is read no faster than the limit allows, and given up when it stalls.</summary>
internal sealed class PacedBody(Stream body, TokenBucket? bucket, TimeSpan stallTimeout, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _stall = new(Timeout.InfiniteTimeSpan, time);

    /// <returns>0 at the end of the body.</returns>
    /// <exception cref="TransferFault">The connection broke or stalled.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        if (bucket is not null && buffer.Length > bucket.LargestBite)
            buffer = buffer[..bucket.LargestBite];
        var read = await ReadOrStallAsync(buffer, cancel).ConfigureAwait(false);
        if (bucket is not null && read > 0)
            await bucket.PayAsync(read, cancel).ConfigureAwait(false);
        return read;
    }

    public void Dispose() => _stall.Dispose();

    private async ValueTask<int> ReadOrStallAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        using var registration = cancel.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _stall);
        _stall.CancelAfter(stallTimeout);
        try
        {
            return await body.ReadAsync(buffer, _stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            cancel.ThrowIfCancellationRequested();
            throw new TransferFault($"The connection brought nothing for {stallTimeout.TotalSeconds:0} s.", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new TransferFault($"The connection broke: {e.Message}", e);
        }
        finally
        {
            // Time that the sink takes between reads is not the server's.
            _stall.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }
}
