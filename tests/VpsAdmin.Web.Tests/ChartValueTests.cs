using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
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
}
