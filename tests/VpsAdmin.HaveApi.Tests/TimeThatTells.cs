using Microsoft.Extensions.Time.Testing;

namespace VpsAdmin.HaveApi.Tests;

/// <summary>Tells when somebody begins to wait for a time.</summary>
internal sealed class TimeThatTells(TimeSpan wanted) : FakeTimeProvider
{
    private readonly TaskCompletionSource _waited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Waited => _waited.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == wanted)
            _waited.TrySetResult();
        return timer;
    }
}
