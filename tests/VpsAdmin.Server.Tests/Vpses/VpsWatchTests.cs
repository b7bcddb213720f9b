using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>What keeps nobody from looking at VPSes, and what ends with it.</summary>
public sealed class VpsWatchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_others_cancel_does_not_end_it()
    {
        var time = new FakeTimeProvider();
        var database = new CancelledDatabase();
        using var watch = new VpsWatch(database, new NoNodes(), time, NullLogger<VpsWatch>.Instance);
        await watch.StartAsync(Cancel);
        while (database.Asked < 2 && !watch.ExecuteTask!.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }
        Assert.False(watch.ExecuteTask!.IsCompleted);
        await watch.StopAsync(Cancel);
    }

    /// <summary>Each use of it is given up by somebody else.</summary>
    private sealed class CancelledDatabase : IServiceScopeFactory
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public IServiceScope CreateScope()
        {
            Interlocked.Increment(ref _asked);
            throw new OperationCanceledException();
        }
    }

    private sealed class NoNodes : IVpsWatch
    {
        public Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel) => Task.FromResult<IReadOnlyList<VpsSample>?>(null);
    }
}
