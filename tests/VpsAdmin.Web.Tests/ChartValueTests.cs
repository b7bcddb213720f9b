using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;
using VpsAdmin.Server.Web.Queries;

namespace VpsAdmin.Web.Tests;

public sealed class ChartValueTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 15, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_largest_are_drawn_by_what_they_were_last_and_nobody_sees_what_is_not_theirs()
    {
        await using var server = await RunningServer.StartAsync();
        var alice = await server.AddUserAsync("alice");
        var datasets = new List<long>();
        for (var i = 0; i < 9; i++)
            datasets.Add(await server.AddDatasetAsync($"d{i}", userId: i == 8 ? alice : 1));
        await server.QueryAsync(db =>
        {
            // d0 was the largest once; the others grow with their number.
            db.SpaceSamples.Add(new SpaceSample { DatasetId = datasets[0], At = Now.AddDays(-5), Used = 1_000, Available = 1 });
            for (var i = 0; i < 9; i++)
            {
                for (var hour = 0; hour < 3; hour++)
                    db.SpaceSamples.Add(new SpaceSample { DatasetId = datasets[i], At = Now.AddHours(-hour), Used = 10 + i, Available = 1 });
            }
            return db.SaveChangesAsync(Cancel);
        });
        var values = server.Services.GetRequiredService<ChartValues>();
        var drawn = await values.DatasetsAsync(new Caller(1, "admin", 99, null), Now.AddDays(-7), Cancel);
        Assert.Equal(["d8", "d7", "d6", "d5", "d4", "d3"], drawn.Select(static s => s.Name));
        Assert.All(drawn, static s => Assert.Equal(3, s.Points.Count));
        Assert.Equal(["d8"], (await values.DatasetsAsync(new Caller(alice, "alice", 1, null), Now.AddDays(-7), Cancel)).Select(static s => s.Name));
        Assert.Empty(await values.PoolsAsync(new Caller(alice, "alice", 1, null), Now.AddDays(-7), Cancel));
    }

    [Fact]
    public async Task Transfers_are_drawn_by_who_sends_to_whom_and_nobody_sees_those_of_others()
    {
        await using var server = await RunningServer.StartAsync();
        var (alice, own) = (await server.AddUserAsync("alice"), server.Installation.NodeId);
        var (second, third) = (await server.AddNodeAsync(), await server.AddNodeAsync("node3"));
        await AddTransferAsync(server, 1, own, second, bytes: 100 << 20, seconds: 10);
        await AddTransferAsync(server, alice, own, second, bytes: 50 << 20, seconds: 1);
        await AddTransferAsync(server, 1, second, third, bytes: 300 << 20, seconds: 100);
        await AddTransferAsync(server, 1, own, third, bytes: 900 << 20, seconds: 1, StepState.Failed);

        var values = server.Services.GetRequiredService<ChartValues>();
        var all = await values.TransfersAsync(new Caller(1, "admin", 99, null), Now.AddDays(-7), Cancel);
        Assert.Equal(["node2.example.org → node3.example.org", "node1.example.org → node2.example.org"], all.Select(static s => s.Name));
        Assert.Equal([10.0 * (1 << 20), 50.0 * (1 << 20)], all[1].Points.Select(static p => p.Value).Order());
        var hers = Assert.Single(await values.TransfersAsync(new Caller(alice, "alice", 1, null), Now.AddDays(-7), Cancel));
        Assert.Equal(50.0 * (1 << 20), Assert.Single(hers.Points).Value);
        Assert.Empty(await values.TransfersAsync(new Caller(1, "admin", 99, null), Now.AddDays(1), Cancel));
    }

    [Fact]
    public async Task Exports_are_drawn_by_how_long_they_took_and_how_fast_they_were_and_nobody_sees_those_of_others()
    {
        await using var server = await RunningServer.StartAsync();
        var alice = await server.AddUserAsync("alice");
        await AddExportAsync(server, 1, bytes: 300 << 20, seconds: 30, Now.AddHours(-1));
        await AddExportAsync(server, alice, bytes: 50 << 20, seconds: 25, Now);
        await AddExportAsync(server, 1, bytes: 50 << 20, seconds: 1, Now.AddDays(-8));
        await AddExportAsync(server, 1, bytes: 50 << 20, seconds: 2, Now, StepState.Failed);

        var values = server.Services.GetRequiredService<ChartValues>();
        var all = await values.ExportsAsync(new Caller(1, "admin", 99, null), Now.AddDays(-7), Cancel);
        Assert.Equal([(Now.AddHours(-1), 30.0), (Now, 25.0)], all.Duration.Points.Select(static p => (p.At, p.Value)).Order());
        Assert.Equal([(Now.AddHours(-1), 10.0 * (1 << 20)), (Now, 2.0 * (1 << 20))], all.Rate.Points.Select(static p => (p.At, p.Value)).Order());
        var hers = await values.ExportsAsync(new Caller(alice, "alice", 1, null), Now.AddDays(-7), Cancel);
        Assert.Equal((25.0, 2.0 * (1 << 20)), (Assert.Single(hers.Duration.Points).Value, Assert.Single(hers.Rate.Points).Value));
    }

    private static Task<int> AddExportAsync(RunningServer server, long userId, long bytes, int seconds, DateTimeOffset end, StepState state = StepState.Done) => server.QueryAsync(db =>
    {
        var chain = new TransactionChain { Name = "full_download", Label = "Download", UserId = userId, State = ChainState.Done, CreatedAt = end, UpdatedAt = end };
        chain.Transactions.Add(new Transaction
        {
            Position = 0, NodeId = server.Installation.NodeId, Type = TransactionType.DownloadSnapshot, Queue = "zfs_send", OnFailure = FailurePolicy.Undo, Input = "{}", State = state,
            Output = $$"""{"Bytes":{{bytes}},"Sha256":"{{new string('a', 64)}}"}""", StartedAt = end.AddSeconds(-seconds), FinishedAt = end,
        });
        db.TransactionChains.Add(chain);
        return db.SaveChangesAsync(Cancel);
    });

    /// <summary>A chain with what a transfer between two nodes leaves in it.</summary>
    private static Task<int> AddTransferAsync(RunningServer server, long userId, long from, long to, long bytes, int seconds, StepState state = StepState.Done) => server.QueryAsync(db =>
    {
        var chain = new TransactionChain { Name = "migrate", Label = "Migrate VPS", UserId = userId, State = ChainState.Done, CreatedAt = Now, UpdatedAt = Now };
        chain.Transactions.Add(new Transaction { Position = 0, NodeId = to, Type = TransactionType.ReceiveSnapshots, Queue = "zfs_recv", OnFailure = FailurePolicy.Undo, Input = "{}", State = StepState.Done });
        chain.Transactions.Add(new Transaction
        {
            Position = 1, NodeId = from, Type = TransactionType.SendSnapshots, Queue = "zfs_send", OnFailure = FailurePolicy.Undo, Input = "{}", State = state,
            SentBytes = bytes, StartedAt = Now.AddSeconds(-seconds), FinishedAt = Now,
        });
        db.TransactionChains.Add(chain);
        return db.SaveChangesAsync(Cancel);
    });
}
