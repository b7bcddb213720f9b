namespace VpsAdmin.Transfer.Pump;

/// <summary>
/// A body that is read no faster than the limit allows, and given up when it stalls: when it brings less than
/// <see cref="TransferOptions.StallBytes"/> in <see cref="TransferOptions.StallTimeout"/> of waiting for it.
/// </summary>
internal sealed class PacedBody(Stream body, TokenBucket? bucket, TransferOptions options, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _stall = new(Timeout.InfiniteTimeSpan, time);
    private TimeSpan _patience = options.EffectiveStallTimeout;
    private long _gained;

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
        _stall.CancelAfter(_patience);
        var started = time.GetTimestamp();
        try
        {
            var read = await body.ReadAsync(buffer, _stall.Token).ConfigureAwait(false);
            Settle(read, time.GetElapsedTime(started));
            return read;
        }
        catch (OperationCanceledException e)
        {
            cancel.ThrowIfCancellationRequested();
            throw new TransferFault($"The connection brought less than {options.StallBytes} bytes in {options.EffectiveStallTimeout.TotalSeconds:0} s.", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new TransferFault($"The connection broke: {e.Message}", e);
        }
        finally
        {
            // Time that the sink takes between reads, or that the limit does, is not the server's.
            _stall.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Bytes enough renew the patience; a trickle uses it up.</summary>
    private void Settle(int read, TimeSpan waited)
    {
        _gained += read;
        if (_gained >= options.StallBytes)
            (_gained, _patience) = (0, options.EffectiveStallTimeout);
        else
            _patience = waited < _patience ? _patience - waited : TimeSpan.Zero;
    }
}
