using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>The history of what VPSes were doing, which has some hundred thousand rows for each hundred VPSes.</summary>
public sealed class VpsHistoryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_older_than_a_month_goes_once_an_hour()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 13, 12, 0, 0, TimeSpan.Zero));
        await using var server = await RunningServer.StartAsync(time);
        var vps = await server.AddVpsAsync();
        using var watch = new VpsWatch(server.Services.GetRequiredService<IServiceScopeFactory>(), server.Services.GetRequiredService<IVpsWatch>(), time, NullLogger<VpsWatch>.Instance);
        await AddAsync(server, vps, time.GetUtcNow().AddDays(-31));
        await AddAsync(server, vps, time.GetUtcNow().AddDays(-29));
        await watch.LookAsync(Cancel);
        Assert.Equal(time.GetUtcNow().AddDays(-29), Assert.Single(await TimesAsync(server)));

        await AddAsync(server, vps, time.GetUtcNow().AddDays(-31));
        await watch.LookAsync(Cancel);
        Assert.Equal(2, (await TimesAsync(server)).Count);

        time.Advance(TimeSpan.FromHours(1));
        await watch.LookAsync(Cancel);
        Assert.Single(await TimesAsync(server));
    }

    [Fact]
    public async Task It_is_kept_and_let_go_without_reading_all_of_it()
    {
        await using var server = await RunningServer.StartAsync();
        await server.LetVpsesRunAsync();
        var vps = await server.AddVpsAsync();
        var plans = new QueryPlans();
        await server.QueryAsync(async db =>
        {
            await using var watched = plans.Watch(db);
            var now = DateTimeOffset.UtcNow;
            await VpsLooks.EndAsync(watched, [new VpsLook(server.Installation.NodeId, new VpsPlace(RunningServer.Pool, $"{vps}", vps), 0)], [new VpsSample(vps, IsRunning: true)], now, Cancel);
            return await VpsLooks.ForgetAsync(watched, now.AddDays(-30), Cancel);
        });
        Assert.Contains(plans.Steps, static step => step.EndsWith("IX_VpsStatuses_VpsId_CreatedAt (VpsId=? AND CreatedAt>?)", StringComparison.Ordinal));
        Assert.Contains(plans.Steps, static step => step.EndsWith("IX_VpsStatuses_CreatedAt (CreatedAt<?)", StringComparison.Ordinal));
        Assert.Empty(plans.Scans);
    }

    [Fact]
    public async Task A_node_that_hangs_keeps_nobody_from_looking_at_others()
    {
        await using var server = await RunningServer.StartAsync();
        await server.LetVpsesRunAsync();
        var (here, there) = (await server.AddVpsAsync(running: false), await server.AddVpsAsync(running: false));
        var other = await server.AddNodeAsync();
        await server.QueryAsync(async db =>
        {
            var pool = await db.Pools.Where(p => p.NodeId == other).Select(static p => p.Id).SingleAsync(Cancel);
            await db.DatasetInPools.Where(i => i.DatasetId == db.Vpses.Single(v => v.Id == there).DatasetId).ExecuteUpdateAsync(set => set.SetProperty(static i => i.PoolId, pool), Cancel);
            return await db.Vpses.Where(v => v.Id == there).ExecuteUpdateAsync(set => set.SetProperty(static v => v.NodeId, other), Cancel);
        });
        var nodes = new HangingNode(server.Installation.NodeId);
        using var watch = new VpsWatch(server.Services.GetRequiredService<IServiceScopeFactory>(), nodes, TimeProvider.System, NullLogger<VpsWatch>.Instance);

        // As many rounds as it takes until the other node has been looked at in two of them.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (nodes.Asked.GetValueOrDefault(other) < 2 || (await server.VpsAsync(there)).IsRunning is not true)
            await watch.BeginRoundAsync(limit.Token);

        Assert.Equal(1, nodes.Asked[server.Installation.NodeId]);
        nodes.Answer.SetResult();
        await watch.LookAsync(Cancel);
        Assert.True((await server.VpsAsync(here)).IsRunning);
    }

    /// <summary>Its VPSes run, and so do all others; it says so when it is let.</summary>
    private sealed class HangingNode(long hanging) : IVpsWatch
    {
        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentDictionary<long, int> Asked { get; } = [];

        public async Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel)
        {
            Asked.AddOrUpdate(nodeId, 1, static (_, asked) => asked + 1);
            if (nodeId == hanging)
                await Answer.Task.WaitAsync(cancel);
            return [.. vpses.Select(static place => new VpsSample(place.VpsId, IsRunning: true))];
        }
    }

    private static Task<int> AddAsync(RunningServer server, long vps, DateTimeOffset at) => server.QueryAsync(db =>
    {
        db.VpsStatuses.Add(new VpsStatus { VpsId = vps, IsRunning = true, CreatedAt = at });
        return db.SaveChangesAsync(Cancel);
    });

    private static Task<List<DateTimeOffset>> TimesAsync(RunningServer server) => server.QueryAsync(static db => db.VpsStatuses.Select(static s => s.CreatedAt).ToListAsync(Cancel));
}
