namespace VpsAdmin.Backup.Tests.Planning;

public class RotationPlannerTests
{
    private static readonly DateTimeOffset Now = Sides.Now;

    // The acceptance vectors of spec 10.2 (V12–V14), and the rules of 4.5 around them.
    [Theory]
    [InlineData("V12", 50, 40, 20)]
    [InlineData("V13", 50, 0, 5)]
    [InlineData("V14", 31, 40, 1)]
    [InlineData("at the minimum", 30, 40, 0)]
    [InlineData("at the maximum", 45, 0, 0)]
    [InlineData("too few", 3, 400, 0)]
    [InlineData("none", 0, 0, 0)]
    public void The_vectors_hold(string vector, int count, int agedDays, int destroyed)
    {
        var local = Local([.. Enumerable.Range(0, count).Select(n => Snapshot(0, Now.AddDays(-agedDays).AddMinutes(n - count)))]);
        var plan = RotationPlanner.Plan(local, 0, new RotationPolicy(), Now);
        Assert.True(destroyed == plan.Snapshots.Count, $"{vector}: {plan.Snapshots.Count}");
        Assert.Equal(local.Snapshots.Take(destroyed), plan.Snapshots);
        Assert.Empty(plan.EmptyHistoryIds);
    }

    [Fact]
    public void Only_the_aged_go_when_the_maximum_is_kept()
    {
        var local = Local([Aged(40), Aged(31), Aged(29), Aged(1)]);
        Assert.Equal(local.Snapshots.Take(2), RotationPlanner.Plan(local, 0, new RotationPolicy(1, 10), Now).Snapshots);
    }

    [Fact]
    public void A_snapshot_exactly_of_the_maximal_age_goes()
    {
        var local = Local([Aged(30), Aged(1)]);
        Assert.Equal([local.Snapshots[0]], RotationPlanner.Plan(local, 0, new RotationPolicy(1, 10), Now).Snapshots);
    }

    [Fact]
    public void Histories_are_rotated_together_by_age()
    {
        var local = Local([Aged(3, history: 0), Aged(1, history: 0), Aged(4, history: 1), Aged(2, history: 1)]);
        var plan = RotationPlanner.Plan(local, 1, new RotationPolicy(2, 2), Now);
        Assert.Equal([local.Snapshots[2], local.Snapshots[0]], plan.Snapshots);
    }

    [Fact]
    public void A_history_without_snapshots_goes_but_not_the_current_one()
    {
        var local = Local([Aged(9, history: 0), Aged(8, history: 2)], 0, 1, 2, 3);
        Assert.Equal([0, 1], RotationPlanner.Plan(local, 3, new RotationPolicy(1, 1), Now).EmptyHistoryIds);
    }

    [Fact]
    public void The_next_base_stays_though_newer_ones_of_other_histories_are_kept()
    {
        var local = Local([Aged(50, history: 1), Aged(40, history: 1), Aged(2, history: 2), Aged(1, history: 2)]);
        var plan = RotationPlanner.Plan(local, 1, new RotationPolicy(1, 2), Now);
        Assert.Equal([local.Snapshots[0], local.Snapshots[2]], plan.Snapshots);
        Assert.Empty(plan.EmptyHistoryIds);
    }

    [Fact]
    public void The_next_base_is_the_last_one_in_the_dataset_whatever_the_clock_said()
    {
        var local = Local([Aged(10), Aged(20)]);
        Assert.Equal([local.Snapshots[0]], RotationPlanner.Plan(local, 0, new RotationPolicy(0, 1), Now).Snapshots);
    }

    [Fact]
    public void A_held_snapshot_stays_and_the_next_one_goes_instead()
    {
        var local = Local([Aged(50) with { IsHeld = true }, Aged(40), Aged(1)]);
        Assert.Equal([local.Snapshots[1]], RotationPlanner.Plan(local, 0, new RotationPolicy(2, 2), Now).Snapshots);
    }

    [Fact]
    public void An_endless_age_is_no_trouble() =>
        Assert.Empty(RotationPlanner.Plan(Local([Aged(50), Aged(40)]), 0, new RotationPolicy(1, 2, TimeSpan.MaxValue), Now).Snapshots);

    [Fact]
    public void What_an_older_history_is_a_clone_of_stays_until_that_is_gone()
    {
        var local = Local([Aged(50, history: 0), Aged(60, history: 1), Aged(1, history: 1)]);
        local = local with { Origins = new Dictionary<int, HistoryOrigin> { [0] = new(1, local.Snapshots[1].Name) } };
        var plan = RotationPlanner.Plan(local, 1, new RotationPolicy(1, 1), Now);
        Assert.Equal([local.Snapshots[0]], plan.Snapshots);
        Assert.Equal([0], plan.EmptyHistoryIds);

        var after = local with { Snapshots = [.. local.Snapshots.Skip(1)], HistoryIds = [1], Origins = new Dictionary<int, HistoryOrigin>() };
        Assert.Equal([local.Snapshots[1]], RotationPlanner.Plan(after, 1, new RotationPolicy(1, 1), Now).Snapshots);
    }

    [Fact]
    public void After_a_rollback_on_the_server_what_the_new_history_begins_at_stays()
    {
        var local = Local([Aged(50), Aged(40), Aged(1)]);
        var plan = RotationPlanner.Plan(local, 1, new RotationPolicy(1, 1), Now, nextBase: local.Snapshots[1]);
        Assert.Equal([local.Snapshots[0], local.Snapshots[2]], plan.Snapshots);
    }

    [Theory]
    [InlineData("daily=3", "2016-06-13T23,2016-06-12T23,2016-06-11T23")]
    [InlineData("hourly=2,daily=2", "2016-06-13T23,2016-06-13T22,2016-06-12T23")]
    [InlineData("last=2", "2016-06-13T23,2016-06-13T22")]
    [InlineData("weekly=3", "2016-06-13T23,2016-06-12T23,2016-06-05T23")]
    [InlineData("monthly=2", "2016-06-13T23,2016-05-31T23")]
    [InlineData("yearly=9", "2016-06-13T23")]
    [InlineData("daily=1,weekly=2,monthly=2,yearly=1", "2016-06-13T23,2016-06-12T23,2016-05-31T23")]
    public void Grandfather_father_and_son_keep_the_newest_of_each_period(string keep, string kept)
    {
        // Every hour from 25 May on.
        var first = new DateTimeOffset(2016, 5, 25, 0, 0, 0, TimeSpan.Zero);
        var local = Local([.. Enumerable.Range(0, 20 * 24).Select(n => Snapshot(0, first.AddHours(n)))]);
        var plan = RotationPlanner.Plan(local, 0, new RotationPolicy { Keep = KeepPolicy.Parse(keep) }, Now);
        Assert.Equal(kept, string.Join(',', local.Snapshots.Except(plan.Snapshots).Reverse().Select(static s => $"{s.Creation:yyyy-MM-ddTHH}")));
    }

    [Fact]
    public void Periods_without_snapshots_are_not_counted()
    {
        var local = Local([Aged(400), Aged(300), Aged(200), Aged(100)]);
        Assert.Equal([local.Snapshots[0]], RotationPlanner.Plan(local, 0, new RotationPolicy { Keep = KeepPolicy.Parse("daily=3") }, Now).Snapshots);
    }

    [Theory]
    [InlineData("Hourly=24, daily=14,weekly=8,monthly=12,yearly=3", "hourly=24,daily=14,weekly=8,monthly=12,yearly=3")]
    [InlineData("yearly=1,last=5", "last=5,yearly=1")]
    public void A_policy_is_read_as_it_is_written(string text, string written) => Assert.Equal(written, KeepPolicy.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("daily")]
    [InlineData("daily=")]
    [InlineData("daily=0")]
    [InlineData("daily=-1")]
    [InlineData("daily=1.5")]
    [InlineData("daily=1,")]
    [InlineData("daily=1,daily=2")]
    [InlineData("fortnightly=2")]
    [InlineData("2=2")]
    public void A_policy_that_makes_no_sense_is_refused(string text) => Assert.Throws<FormatException>(() => KeepPolicy.Parse(text));

    private static LocalSnapshot Aged(int days, int history = 0) => Snapshot(history, Now.AddDays(-days));

    private static LocalSnapshot Snapshot(int history, DateTimeOffset creation) =>
        new(history, $"{creation:yyyy-MM-ddTHH:mm:ss}", creation, (ulong)creation.Ticks, IsHeld: false);

    private static LocalInventory Local(IReadOnlyList<LocalSnapshot> snapshots, params int[] historyIds) =>
        new(Sides.Filesystem, 7, historyIds.Length > 0 ? historyIds : [.. snapshots.Select(static s => s.HistoryId).Distinct()], snapshots);
}
