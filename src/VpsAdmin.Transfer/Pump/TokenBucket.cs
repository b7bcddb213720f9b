using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace VpsAdmin.Transfer.Pump;

/// <summary>Limits bytes per second, smoothly at any rate. Safe for concurrent callers, who share the rate.</summary>
internal sealed class TokenBucket
{
    // Waits shorter than this are saved up: timers are not that exact, and the debt is not forgotten.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(50);

    // Real time is one; tests have others.
    private static readonly ConditionalWeakTable<TimeProvider, ConcurrentDictionary<long, TokenBucket>> Buckets = [];

    private readonly Lock _gate = new();
    private readonly long _bytesPerSecond;
    private readonly TimeProvider _time;
    private readonly long _burstTicks;
    private long _paidUntil;

    public TokenBucket(long bytesPerSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        _bytesPerSecond = bytesPerSecond;
        _time = time;
        _burstTicks = (long)(Burst.TotalSeconds * time.TimestampFrequency);
        _paidUntil = time.GetTimestamp();
    }

    /// <summary>The one of this process: all that name the same rate share it, whoever they are and wherever they run.</summary>
    public static TokenBucket Shared(long bytesPerSecond, TimeProvider time) =>
        Buckets.GetValue(time, static _ => new()).GetOrAdd(bytesPerSecond, static (rate, time) => new TokenBucket(rate, time), time);

    /// <summary>The most that should be read at once, so that no reader waits for longer than about a tenth of a second.</summary>
    public int LargestBite => (int)Math.Clamp(_bytesPerSecond / 10, 1, 256 * 1024);

    /// <summary>Pays for bytes that were read, waiting until the rate allows the next.</summary>
    public Task PayAsync(int bytes, CancellationToken cancel)
    {
        TimeSpan debt;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var from = Math.Max(_paidUntil, now - _burstTicks);
            _paidUntil = from + (long)((Int128)bytes * _time.TimestampFrequency / _bytesPerSecond);
            debt = _time.GetElapsedTime(now, _paidUntil);
        }
        return debt < ShortestWait ? Task.CompletedTask : Task.Delay(debt, _time, cancel);
    }
}
