using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests.Vpses;

/// <summary>Looks at VPSes of which some do not answer.</summary>
public sealed class VpsObserverTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_does_not_answer_hides_none_of_the_others()
    {
        var runtime = new SilentRuntime(silent: [1, 3], faulty: [5]);
        var observer = new VpsObserver(new ZfsHost(new ZfsHostOptions(Program: "/nonexistent/zfs")), runtime, _time);
        var looking = observer.SampleAsync([.. Enumerable.Range(1, 9).Select(static id => ((long)id, (VpsHome?)new VpsHome(id, $"/{id}", "/root"))), (10, null)], Cancel);

        // All that answer are seen before the time of those that do not is over.
        await Until.TrueAsync(() => runtime.Asked == 9, Cancel);
        Assert.False(looking.IsCompleted);
        _time.Advance(VpsObserver.Patience);
        Assert.Equal([2, 4, 6, 7, 8, 9, 10], (await looking).Select(static s => s.VpsId));
        Assert.InRange(runtime.MostAtOnce, 1, 4);
    }

    [Fact]
    public async Task A_program_that_never_ends_is_not_waited_for()
    {
        using var slow = new CancellationTokenSource();
        var asking = LxcProgram.AskAsync("tail", ["-f", "/dev/null"], slow.Token);
        await slow.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task A_program_that_has_no_end_of_what_it_says_is_refused() =>
        Assert.Contains("yes says more than", (await Assert.ThrowsAsync<TransactionException>(() => LxcProgram.AskAsync("yes", [], Cancel))).Message, StringComparison.Ordinal);

    /// <summary>Answers for all but some.</summary>
    private sealed class SilentRuntime(long[] silent, long[] faulty) : IVpsRuntime
    {
        private readonly Lock _lock = new();
        private int _now;

        public int Asked { get; private set; }

        public int MostAtOnce { get; private set; }

        public async Task<VpsSample> SampleAsync(VpsHome home, CancellationToken cancel)
        {
            lock (_lock)
            {
                Asked++;
                MostAtOnce = Math.Max(MostAtOnce, ++_now);
            }
            try
            {
                if (silent.Contains(home.VpsId))
                    await new TaskCompletionSource().Task.WaitAsync(cancel);
                return faulty.Contains(home.VpsId) ? throw new TransactionException("LXC does not know its state.") : new VpsSample(home.VpsId, IsRunning: true);
            }
            finally
            {
                lock (_lock)
                    _now--;
            }
        }

        public Task<VpsAbility> ExamineAsync(CancellationToken cancel) => throw new NotSupportedException();

        public Task InstallAsync(string template, string root, CancellationToken cancel) => throw new NotSupportedException();

        public Task ConfigureAsync(VpsHome home, VpsConfiguration configuration, CancellationToken cancel) => throw new NotSupportedException();

        public Task StartAsync(VpsHome home, Func<Task> prepare, CancellationToken cancel) => throw new NotSupportedException();

        public Task StopAsync(VpsHome home, TimeSpan patience, CancellationToken cancel) => throw new NotSupportedException();

        public Task<bool> IsRunningAsync(VpsHome home, CancellationToken cancel) => throw new NotSupportedException();
    }
}
