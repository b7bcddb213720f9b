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

    private static LocalSnapshot Aged(int days, int history = 0) => Snapshot(history, Now.AddDays(-days));

    private static LocalSnapshot Snapshot(int history, DateTimeOffset creation) =>
        new(history, $"{creation:yyyy-MM-ddTHH:mm:ss}", creation, (ulong)creation.Ticks, IsHeld: false);

    private static LocalInventory Local(IReadOnlyList<LocalSnapshot> snapshots, params int[] historyIds) =>
        new(Sides.Filesystem, 7, historyIds.Length > 0 ? historyIds : [.. snapshots.Select(static s => s.HistoryId).Distinct()], snapshots);
}
