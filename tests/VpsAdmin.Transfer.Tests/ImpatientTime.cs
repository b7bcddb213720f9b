using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace VpsAdmin.Transfer.Tests;

/// <summary>
/// Time that passes as soon as somebody waits for it: every wait up to <see cref="LongestWait"/> is over at once and on record.
/// Longer ones (stall timeouts) only end when the test advances the time.
/// </summary>
internal sealed class ImpatientTime : FakeTimeProvider
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(20);

    private readonly Lock _gate = new();

    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public TimeSpan Passed => GetUtcNow() - Start;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero || dueTime > LongestWait)
            return base.CreateTimer(callback, state, dueTime, period);
        Waits.Enqueue(dueTime);
        // Together: time that passed in between would pass twice.
        lock (_gate)
        {
            var due = GetUtcNow() + dueTime;
            var timer = base.CreateTimer(callback, state, dueTime, period);
            ThreadPool.QueueUserWorkItem(_ => AdvanceTo(due));
            return timer;
        }
    }

    /// <summary>Lets time pass beyond what is skipped by itself.</summary>
    public void Skip(TimeSpan time) => AdvanceTo(GetUtcNow() + time);

    private void AdvanceTo(DateTimeOffset due)
    {
        lock (_gate)
        {
            if (due > GetUtcNow())
                SetUtcNow(due);
        }
    }
}
