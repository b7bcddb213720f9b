using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Lab.Http;
using VpsAdmin.Transfer.Pump;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Tests.Pump;

public sealed class PaceTests : TransferTest
{
    [Fact]
    public async Task V20_a_limit_of_100_KiB_a_second_lets_1_MiB_through_in_ten_seconds()
    {
        Server.Content = Bytes(1 << 20);
        var result = await SaveAsync(Options with { MaxBytesPerSecond = 100 * 1024 });
        await AssertSavedAsync(Server.Content);
        Assert.InRange(result.Duration.TotalSeconds, 10, 11);
        Assert.All(Time.Waits, static w => Assert.True(w < TimeSpan.FromSeconds(0.2)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(10_000_000)]
    [InlineData(1L << 40)]
    public async Task Any_rate_is_kept(long rate)
    {
        var bucket = new TokenBucket(rate, Time);
        var bytes = Math.Min(rate * 3, 200_000_000);
        for (long paid = 0; paid < bytes;)
        {
            var bite = (int)Math.Min(bucket.LargestBite, bytes - paid);
            await bucket.PayAsync(bite, Cancel);
            paid += bite;
        }
        Assert.InRange(Time.Passed.TotalSeconds, ((double)bytes / rate) - 0.06, ((double)bytes / rate) + 0.01);
    }

    [Fact]
    public async Task Time_that_nobody_used_is_not_saved_up()
    {
        var bucket = new TokenBucket(1000, Time);
        Time.Skip(TimeSpan.FromHours(1));
        await bucket.PayAsync(1000, Cancel);
        Assert.InRange(Time.Passed.TotalSeconds - 3600, 0.9, 1.1);
    }

    [Fact]
    public async Task Transfers_of_one_pump_share_the_rate()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(1000, time);
        var paid = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => bucket.PayAsync(500, Cancel)));
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(paid.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await paid.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Transfers_of_one_process_with_the_same_limit_share_it()
    {
        Server.Content = Bytes(1 << 20);
        var limited = Options with { MaxBytesPerSecond = 256 * 1024 };
        await using var one = new FileSink(Target + ".1", false, false);
        await using var two = new FileSink(Target + ".2", false, false);
        await Task.WhenAll(RunAsync(one, limited), RunAsync(two, limited));
        Assert.InRange(Time.Passed.TotalSeconds, 7.9, 9);
        Assert.Same(TokenBucket.Shared(5, Time), TokenBucket.Shared(5, Time));
        Assert.NotSame(TokenBucket.Shared(5, Time), TokenBucket.Shared(6, Time));
        Assert.NotSame(TokenBucket.Shared(5, Time), TokenBucket.Shared(5, new ImpatientTime()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void BUG_3_a_limit_that_is_none_is_refused(long rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SnapshotTransfer(Http, Options with { MaxBytesPerSecond = rate }, Time));

    [Fact]
    public void Progress_tells_rate_and_remaining_time_over_the_last_seconds()
    {
        var reports = new Reports();
        var meter = new ProgressMeter(reports, Time);
        meter.StartAt(1_000_000);
        meter.Expect(sizeMiB: 10, exactTotal: null);
        for (var i = 0; i < 400; i++)
        {
            Time.Skip(TimeSpan.FromMilliseconds(50));
            meter.Add(i < 200 ? 5_000 : 10_000);
        }
        Assert.InRange(reports.All.Count, 99, 101);
        Assert.All(reports.All.Take(49), static r => Assert.Equal(100_000, r.BytesPerSecond, 1.0));
        var last = reports.All[^1];
        Assert.Equal(200_000, last.BytesPerSecond, 1.0);
        Assert.Equal((10L << 20, false), (last.BytesTotal, last.TotalIsExact));
        Assert.Equal(((10 << 20) - last.BytesTransferred) / 200_000.0, last.Remaining!.Value.TotalSeconds, 1e-3);
        meter.Expect(sizeMiB: 1, exactTotal: null);
        meter.Enter(TransferPhase.Waiting);
        Assert.Equal(reports.All[^1].BytesTransferred, reports.All[^1].BytesTotal);
    }

    [Fact]
    public async Task Progress_tells_phases_bytes_and_total()
    {
        Server.Content = Bytes(1 << 20);
        Export.Then(() => Export.InProgress(), () => Export.InProgress(3));
        Server.Script(FileAction.SeeStale(500_000), FileAction.Answer(503));
        var reports = new Reports();
        await SaveAsync(Options with { MaxBytesPerSecond = 100 * 1024 }, progress: reports);
        Assert.Equal(
            [TransferPhase.Transferring, TransferPhase.Waiting, TransferPhase.Retrying, TransferPhase.Transferring, TransferPhase.Verifying, TransferPhase.Done],
            reports.All.Select(static r => r.Phase).Aggregate(new List<TransferPhase>(), static (phases, p) =>
            {
                if (phases.Count == 0 || phases[^1] != p)
                    phases.Add(p);
                return phases;
            }));
        Assert.All(reports.All.Zip(reports.All.Skip(1)), static p => Assert.True(p.First.BytesTransferred <= p.Second.BytesTransferred));
        var early = reports.All[0];
        Assert.Equal((3L << 20, false), (early.BytesTotal, early.TotalIsExact));
        var late = reports.All.Last(static r => r.Phase == TransferPhase.Transferring);
        Assert.Equal((1L << 20, true), (late.BytesTotal, late.TotalIsExact));
        Assert.Contains("503", reports.All.Single(static r => r.Phase == TransferPhase.Retrying).Detail, StringComparison.Ordinal);
    }
}
