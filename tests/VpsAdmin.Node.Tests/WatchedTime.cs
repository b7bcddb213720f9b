using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace VpsAdmin.Node.Tests;

/// <summary>Fake time that tells when somebody begins to wait.</summary>
public sealed class WatchedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>How long the next one who waits will wait.</summary>
    public async Task<TimeSpan> NextTimerAsync(CancellationToken cancel) => await _timers.Reader.ReadAsync(cancel);
}
