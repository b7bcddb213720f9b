using VpsAdmin.Lab.Http;

namespace VpsAdmin.Transfer.Tests.Pump;

/// <summary>With the clock on the wall: nothing sleeps where there is nothing to wait for.</summary>
public sealed class RealTimeTests : TransferTest
{
    [Fact]
    public async Task A_megabyte_that_is_ready_is_saved_without_a_wait()
    {
        Server.Content = Bytes(1 << 20);
        var time = new RecordingTime();
        await SaveAsync(time: time);
        await AssertSavedAsync(Server.Content);
        Assert.Empty(time.Waits);
    }

    [Fact]
    public async Task A_megabyte_that_becomes_ready_meanwhile_is_saved_after_one_short_wait()
    {
        Server.Content = Bytes(1 << 20);
        Export.ThenInProgress(2);
        var time = new RecordingTime();
        await SaveAsync(time: time);
        await AssertSavedAsync(Server.Content);
        Assert.InRange(Assert.Single(time.Waits), TimeSpan.FromMilliseconds(187), TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public async Task Connections_that_break_are_continued_in_no_time()
    {
        Server.Content = Bytes(1 << 20);
        Server.Script(FileAction.CutAfter(300_000), FileAction.CutAfter(300_000));
        var time = new RecordingTime();
        await SaveAsync(time: time);
        await AssertSavedAsync(Server.Content);
        Assert.All(time.Waits, static w => Assert.True(w <= TimeSpan.FromMilliseconds(250)));
    }

    /// <summary>The system's time, with every wait but stall timeouts on record.</summary>
    private sealed class RecordingTime : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero && dueTime < StallTimeout)
                Waits.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
