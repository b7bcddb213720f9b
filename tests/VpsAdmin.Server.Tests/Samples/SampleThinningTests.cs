using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Samples;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Samples;

public sealed class SampleThinningTests : AdministratorTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 15, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task Samples_of_days_long_ago_are_thinned_to_one_a_day_and_end_after_a_year()
    {
        var (one, other) = (await Server.AddDatasetAsync("one"), await Server.AddDatasetAsync("other"));
        var pool = Server.Installation.PoolId;
        await AddAsync((one, null, Now.AddDays(-399)), (one, null, Now.AddDays(-10)), (one, null, Now.AddDays(-10).AddHours(1)), (other, null, Now.AddDays(-10).AddHours(1)),
            (null, pool, Now.AddDays(-10)), (null, pool, Now.AddDays(-10).AddHours(2)), (one, null, Now.AddDays(-6)), (one, null, Now.AddDays(-6).AddHours(1)), (one, null, Now.AddHours(-1)));
        var next = await ThinAsync(null);
        Assert.Equal([-240, -239, -240, -144, -143, -1], await HoursAsync());

        // A day goes when the last hour of it is a week ago, and no earlier one is looked at again.
        Assert.Equal(new DateTimeOffset(Now.UtcDateTime.Date.AddDays(-7), TimeSpan.Zero), next);
        await AddAsync((one, null, Now.AddDays(-10).AddHours(3)));
        await ThinAsync(next);
        Assert.Contains(-237, await HoursAsync());
    }

    [Fact]
    public async Task Only_the_days_that_are_thinned_are_read()
    {
        Assert.SkipWhen(TestDatabase.IsPostgreSql, "The plans are SQLite's.");
        var dataset = await Server.AddDatasetAsync("one");
        await AddAsync((dataset, null, Now.AddDays(-10)), (dataset, null, Now.AddDays(-10).AddHours(1)));
        var plans = new QueryPlans();
        await Server.QueryAsync(async db =>
        {
            await using var watched = plans.Watch(db);
            return await SampleThinning.ThinAsync(watched, Now.AddDays(-8.7), Now, Cancel);
        });
        Assert.Contains(plans.Steps, static step => step.EndsWith("IX_SpaceSamples_At (At>? AND At<?)", StringComparison.Ordinal));
        Assert.Empty(plans.Scans);
    }

    private Task<DateTimeOffset?> ThinAsync(DateTimeOffset? from) => Server.QueryAsync(db => SampleThinning.ThinAsync(db, from, Now, Cancel));

    private Task<int> AddAsync(params (long? Dataset, long? Pool, DateTimeOffset At)[] samples) => Server.QueryAsync(async db =>
    {
        foreach (var (dataset, pool, at) in samples)
        {
            db.SpaceSamples.Add(new SpaceSample { DatasetId = dataset, PoolId = pool, At = at, Used = 1, Available = 1 });
            await db.SaveChangesAsync(Cancel);
        }
        return samples.Length;
    });

    /// <summary>From now on, in the order in which they were written down.</summary>
    private async Task<IEnumerable<double>> HoursAsync() =>
        (await Server.QueryAsync(static db => db.SpaceSamples.OrderBy(static s => s.Id).Select(static s => s.At).ToListAsync(Cancel))).Select(static at => (at - Now).TotalHours);
}
