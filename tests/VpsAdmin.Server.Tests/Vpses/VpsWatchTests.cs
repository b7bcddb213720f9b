using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Tests.Running;
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
        await PassUntilAsync(time, () => database.Asked >= 2 || watch.ExecuteTask!.IsCompleted);
        Assert.False(watch.ExecuteTask!.IsCompleted);
        await watch.StopAsync(Cancel);
    }

    [Fact]
    public async Task It_ends_with_the_last_look()
    {
        var time = new FakeTimeProvider();
        await using var server = await RunningServer.StartAsync();
        await server.LetVpsesRunAsync();
        await server.AddVpsAsync();
        var node = new StubbornNode();
        using var watch = new VpsWatch(server.Services.GetRequiredService<IServiceScopeFactory>(), node, time, NullLogger<VpsWatch>.Instance);
        await watch.StartAsync(Cancel);
        await PassUntilAsync(time, () => node.Asked.IsCompleted);

        var stop = watch.StopAsync(Cancel);
        await node.Told.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.False(watch.ExecuteTask!.IsCompleted);
        node.Answer.SetResult();
        await stop;
        Assert.True(watch.ExecuteTask.IsCompleted);
    }

    [Fact]
    public async Task Of_a_node_that_is_silent_for_long_nobody_knows_what_its_vpses_do()
    {
        // The server's own looks are of today.
        var time = new FakeTimeProvider(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await RunningServer.StartAsync();
        await server.LetVpsesRunAsync();
        var vps = await server.AddVpsAsync(running: false);
        await server.SeatVpsAsync(vps, await server.AddNodeAsync());
        var node = new FadingNode();
        using var watch = new VpsWatch(server.Services.GetRequiredService<IServiceScopeFactory>(), node, time, NullLogger<VpsWatch>.Instance);

        await watch.LookAsync(Cancel);
        node.IsSilent = true;
        foreach (var (minutes, expected) in new (int, bool?)[] { (1, true), (2, null) })
        {
            time.Advance(TimeSpan.FromMinutes(minutes));
            await watch.LookAsync(Cancel);
            Assert.Equal(expected, (await server.VpsAsync(vps)).IsRunning);
        }
        Assert.Null((await server.VpsAsync(vps)).Uptime);

        node.IsSilent = false;
        await watch.LookAsync(Cancel);
        Assert.True((await server.VpsAsync(vps)).IsRunning);
    }

    /// <summary>Lets time pass: it looks every five seconds.</summary>
    private static async Task PassUntilAsync(FakeTimeProvider time, Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }
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

    /// <summary>Hears that nobody wants an answer any more, and gives it all the same.</summary>
    private sealed class StubbornNode : IVpsWatch
    {
        private readonly TaskCompletionSource _asked = new();
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public Task Told => _told.Task;

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel)
        {
            await using var _ = cancel.Register(() => _told.TrySetResult());
            _asked.TrySetResult();
            await Answer.Task;
            return [];
        }
    }

    /// <summary>All that it has run, while it tells.</summary>
    private sealed class FadingNode : IVpsWatch
    {
        public bool IsSilent { get; set; }

        public Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel) =>
            Task.FromResult(IsSilent ? null : (IReadOnlyList<VpsSample>?)[.. vpses.Select(static place => new VpsSample(place.VpsId, IsRunning: true, Uptime: 60))]);
    }

    private sealed class NoNodes : IVpsWatch
    {
        public Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel) => Task.FromResult<IReadOnlyList<VpsSample>?>(null);
    }
}
