namespace VpsAdmin.Zfs.Tests.Support;

/// <summary>Timers fire at once; what they would have waited for is added up.</summary>
internal sealed class HastyTime : TimeProvider
{
    internal TimeSpan Waited { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero)
            Waited += dueTime;
        return base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
    }
}
