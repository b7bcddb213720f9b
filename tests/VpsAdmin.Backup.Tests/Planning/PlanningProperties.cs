using CsCheck;

namespace VpsAdmin.Backup.Tests.Planning;

/// <summary>What holds for all inventories.</summary>
public class PlanningProperties
{
    private static readonly DateTimeOffset Epoch = new(2016, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<LocalInventory> Locals =
        from histories in Gen.Int[0, 3]
        from snapshots in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 90], Gen.Bool).Array[0, 40]
        select new LocalInventory("tank/b", 7, [.. Enumerable.Range(0, 4)],
            [.. snapshots.Select(static (s, n) => new LocalSnapshot(s.Item1, $"s{s.Item2}", Epoch.AddDays(s.Item2), (ulong)n, s.Item3 && s.Item2 % 3 == 0))
                .OrderBy(static s => s.HistoryId).ThenBy(static s => s.Creation).DistinctBy(static s => (s.HistoryId, s.Name))]);

    private static readonly Gen<RemoteInventory> Remotes =
        from current in Gen.Int[0, 3]
        from snapshots in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 90], Gen.Int[0, 9]).Array[0, 40]
        select new RemoteInventory(7, "d", current,
            [.. snapshots.OrderBy(static s => s.Item2).DistinctBy(static s => s.Item2)
                .Select(static s => new RemoteSnapshot(s.Item2, $"s{s.Item2}", Epoch.AddDays(s.Item2), s.Item1, s.Item3 > 0))]);

    private static readonly Gen<RotationPolicy> Policies =
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[0, 90]).Select(static (min, more, age) => new RotationPolicy(min, min + more, TimeSpan.FromDays(age)));

    [Fact]
    public void Rotation_never_takes_the_next_base_nor_a_held_one_nor_more_than_allowed() =>
        Gen.Select(Locals, Gen.Int[0, 3], Policies, Gen.Int[0, 120]).Sample((local, current, policy, day) =>
        {
            var plan = RotationPlanner.Plan(local, current, policy, Epoch.AddDays(day));
            Assert.DoesNotContain(plan.Snapshots, static s => s.IsHeld);
            if (local.Snapshots.LastOrDefault(s => s.HistoryId == current) is { } next)
                Assert.DoesNotContain(next, plan.Snapshots);
            Assert.True(local.Snapshots.Count - plan.Snapshots.Count >= Math.Min(local.Snapshots.Count, policy.MinSnapshots));
            Assert.DoesNotContain(current, plan.EmptyHistoryIds);
            Assert.All(plan.EmptyHistoryIds, id => Assert.DoesNotContain(local.Snapshots.Except(plan.Snapshots), s => s.HistoryId == id));
        });

    [Fact]
    public void Rotation_done_is_done() =>
        Gen.Select(Locals, Gen.Int[0, 3], Policies, Gen.Int[0, 120]).Sample((local, current, policy, day) =>
        {
            var plan = RotationPlanner.Plan(local, current, policy, Epoch.AddDays(day));
            var after = local with
            {
                HistoryIds = [.. local.HistoryIds.Except(plan.EmptyHistoryIds)],
                Snapshots = [.. local.Snapshots.Except(plan.Snapshots)],
            };
            var again = RotationPlanner.Plan(after, current, policy, Epoch.AddDays(day));
            Assert.Empty(again.Snapshots);
            Assert.Empty(again.EmptyHistoryIds);
        });

    [Fact]
    public void A_plan_can_be_carried_out_and_leaves_nothing_to_do() =>
        Gen.Select(Locals, Remotes, Gen.Int[1, 5].Nullable()).Sample((local, remote, initial) =>
        {
            var plan = BackupPlanner.Plan(local, remote, new BackupPlanOptions(initial));
            Assert.Equal(plan.Outcome == BackupOutcome.Transfer, plan.Steps.Count > 0);
            var after = plan.Steps.Aggregate(local, (inventory, step) => Receive(inventory, remote, step));
            if (plan.Outcome == BackupOutcome.Transfer)
                Assert.Equal(BackupOutcome.UpToDate, BackupPlanner.Plan(after, remote, new BackupPlanOptions(initial)).Outcome);
        });

    /// <summary>What ZFS would do, and what it would refuse.</summary>
    private static LocalInventory Receive(LocalInventory local, RemoteInventory remote, BackupStep step)
    {
        var history = remote.CurrentHistoryId;
        var here = local.Snapshots.Where(s => s.HistoryId == history).ToList();
        var order = remote.Snapshots.ToList();
        IReadOnlyList<RemoteSnapshot> brought;
        switch (step)
        {
            case FullStep full:
                Assert.Equal($"tank/b/{history}", full.Target);
                Assert.Empty(here);
                brought = [full.Snapshot];
                break;
            case IncrementalStep increment:
                Assert.Equal($"tank/b/{history}", increment.Target);
                Assert.Equal(increment.Base.Name, here[^1].Name);
                Assert.Contains(increment.Base, order);
                Assert.Equal(increment.Snapshot, increment.Included[^1]);
                Assert.True(order.IndexOf(increment.Base) < order.IndexOf(increment.Included[0]));
                brought = increment.Included;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(step));
        }
        Assert.All(brought, s => Assert.True(s.IsConfirmed && s.HistoryId == history));
        Assert.Equal(brought.OrderBy(static s => s.CreatedAt), brought);
        Assert.DoesNotContain(here, s => brought.Any(b => b.Name == s.Name));
        return local with { Snapshots = [.. local.Snapshots, .. brought.Select(s => new LocalSnapshot(history, s.Name, s.CreatedAt, 0, false))] };
    }
}
