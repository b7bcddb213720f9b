using CsCheck;

namespace VpsAdmin.Backup.Tests.Planning;

/// <summary>What holds for all inventories.</summary>
public class PlanningProperties
{
    private static readonly DateTimeOffset Epoch = new(2016, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<LocalInventory> Locals =
        from histories in Gen.Int[0, 3]
        from snapshots in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 90], Gen.Bool).Array[0, 40]
        select new LocalInventory("tank/b", 7, [.. snapshots.Select(static s => s.Item1).Append(0).Distinct().Order()],
            [.. snapshots.Select(static (s, n) => new LocalSnapshot(s.Item1, $"s{s.Item2}", Epoch.AddDays(s.Item2), (ulong)n, s.Item3 && s.Item2 % 3 == 0))
                .OrderBy(static s => s.HistoryId).ThenBy(static s => s.Creation).DistinctBy(static s => (s.HistoryId, s.Name))]);

    private static readonly Gen<RemoteInventory> Remotes =
        from current in Gen.Int[0, 3]
        from snapshots in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 90], Gen.Int[0, 9]).Array[0, 40]
        select new RemoteInventory(7, "d", current,
            [.. snapshots.OrderBy(static s => s.Item2).DistinctBy(static s => s.Item2)
                .Select(static s => new RemoteSnapshot(s.Item2, $"s{s.Item2}", Epoch.AddDays(s.Item2), s.Item1, s.Item3 > 0))]);

    private static readonly Gen<KeepPolicy?> Keeps =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 4]).Select(static (last, daily, weekly, monthly) => last + daily + weekly + monthly == 0
            ? null
            : new KeepPolicy(new Dictionary<KeepPeriod, int>
            {
                [KeepPeriod.Last] = last, [KeepPeriod.Daily] = daily, [KeepPeriod.Weekly] = weekly, [KeepPeriod.Monthly] = monthly,
            }));

    private static readonly Gen<RotationPolicy> Policies =
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[0, 90], Keeps)
            .Select(static (min, more, age, keep) => new RotationPolicy(min, min + more, TimeSpan.FromDays(age)) { Keep = keep });

    [Fact]
    public void Rotation_never_takes_the_next_base_nor_a_held_one_nor_more_than_allowed() =>
        Gen.Select(Locals, Gen.Int[0, 3], Policies, Gen.Int[0, 120]).Sample((local, current, policy, day) =>
        {
            var plan = RotationPlanner.Plan(local, current, policy, Epoch.AddDays(day));
            Assert.DoesNotContain(plan.Snapshots, static s => s.IsHeld);
            if (local.Snapshots.LastOrDefault(s => s.HistoryId == current) is { } next)
                Assert.DoesNotContain(next, plan.Snapshots);
            if (policy.Keep is null)
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
        Gen.Select(Locals, Remotes, Gen.Int[1, 5].Nullable(), Gen.Bool, Gen.Bool).Sample((local, remote, initial, seed, force) =>
        {
            var options = new BackupPlanOptions(initial, seed, force);
            var plan = BackupPlanner.Plan(local, remote, options);
            Assert.Equal(plan.Outcome == BackupOutcome.Transfer, plan.Steps.Count > 0);
            var after = plan.Steps.Aggregate(local, (inventory, step) => Zfs(inventory, remote, step));
            if (plan.Outcome == BackupOutcome.Transfer)
            {
                Assert.Contains(BackupPlanner.Plan(after, remote, options).Outcome, new[] { BackupOutcome.UpToDate, BackupOutcome.Unconfirmed });
                Assert.Equal(Sorted(after.Snapshots), Sorted(BackupForecast.After(local, remote, plan).Snapshots));
            }
        });

    [Fact]
    public void What_is_refused_is_never_planned_again_and_there_is_always_another_way() =>
        Gen.Select(Locals, Remotes, Gen.Int[0, 90].HashSet[0, 5]).Sample((local, remote, refused) =>
        {
            var options = new BackupPlanOptions { Refused = refused.Select(static n => $"s{n}").ToHashSet() };
            var plan = BackupPlanner.Plan(local, remote, options);
            Assert.DoesNotContain(plan.Steps.OfType<IncrementalStep>(), s => options.Refused.Contains(s.Base.Name));
            _ = plan.Steps.Aggregate(local, (inventory, step) => Zfs(inventory, remote, step));
            Assert.Equal(BackupPlanner.Plan(local, remote, new BackupPlanOptions()).IsConflict, plan.IsConflict);
        });

    [Fact]
    public void Runs_with_rotation_come_to_rest_and_never_lose_their_base() =>
        Gen.Select(Locals, Remotes, Policies).Sample((local, remote, policy) =>
        {
            var held = local.Snapshots.Where(static s => s.IsHeld).Select(static s => s.Guid).ToHashSet();
            for (var run = 0; ; run++)
            {
                var plan = BackupPlanner.Plan(local, remote, new BackupPlanOptions());
                if (plan.IsConflict)
                    return;
                local = plan.Steps.Aggregate(local, (inventory, step) => Zfs(inventory, remote, step));
                var nextBase = BackupPlanner.Base(local, remote);
                var rotation = RotationPlanner.Plan(local, remote.CurrentHistoryId, policy, Epoch.AddDays(100), nextBase);
                Assert.DoesNotContain(rotation.Snapshots, static s => s.IsHeld);
                if (nextBase is not null)
                    Assert.DoesNotContain(nextBase, rotation.Snapshots);
                if (plan.Steps.Count == 0 && rotation.Snapshots.Count == 0 && rotation.EmptyHistoryIds.Count == 0)
                    break;
                // Each run may free the origin of one more history.
                Assert.True(run < 8, "It does not come to rest.");
                local = Rotate(local, rotation);
            }
            Assert.Subset(local.Snapshots.Select(static s => s.Guid).ToHashSet(), held);
        });

    private static IEnumerable<(int, string)> Sorted(IEnumerable<LocalSnapshot> snapshots) => snapshots.Select(static s => (s.HistoryId, s.Name)).Order();

    private static LocalInventory Rotate(LocalInventory local, RotationPlan plan)
    {
        foreach (var (clone, origin) in local.Origins)
            Assert.DoesNotContain(plan.Snapshots, s => s.HistoryId == origin.HistoryId && s.Name == origin.Name && local.HistoryIds.Contains(clone));
        return local with
        {
            HistoryIds = [.. local.HistoryIds.Except(plan.EmptyHistoryIds)],
            Snapshots = [.. local.Snapshots.Except(plan.Snapshots)],
            Origins = local.Origins.Where(o => !plan.EmptyHistoryIds.Contains(o.Key)).ToDictionary(),
        };
    }

    /// <summary>What ZFS would do, and what it would refuse.</summary>
    private static LocalInventory Zfs(LocalInventory local, RemoteInventory remote, BackupStep step)
    {
        var history = remote.CurrentHistoryId;
        var here = local.Of(history);
        Assert.Equal($"tank/b/{history}", step.Target);
        switch (step)
        {
            case FullStep full:
                Assert.Empty(here);
                return Receive(local, remote, [full.Snapshot]);
            case IncrementalStep increment:
                Assert.Equal(increment.Base.Name, here[^1].Name);
                Assert.Contains(increment.Base, remote.Snapshots);
                Assert.Equal(increment.Snapshot, increment.Included[^1]);
                Assert.True(increment.Base.CreatedAt < increment.Included[0].CreatedAt);
                return Receive(local, remote, increment.Included);
            case RollbackStep rollback:
                Assert.Equal(here.SkipWhile(s => s != rollback.Snapshot).Skip(1), rollback.Destroyed);
                Assert.DoesNotContain(rollback.Destroyed, static s => s.IsHeld);
                return local with { Snapshots = [.. local.Snapshots.Except(rollback.Destroyed)] };
            case AsideStep aside:
                Assert.DoesNotContain(aside.NewName, local.OtherChildren);
                return local with
                {
                    HistoryIds = [.. local.HistoryIds.Where(id => id != history)],
                    Snapshots = [.. local.Snapshots.Where(s => s.HistoryId != history)],
                    OtherChildren = [.. local.OtherChildren, aside.NewName],
                };
            case SeedStep seed:
                Assert.Empty(here);
                Assert.DoesNotContain(history, local.HistoryIds);
                return Seed(local, history, seed);
            default:
                throw new ArgumentOutOfRangeException(nameof(step));
        }
    }

    /// <summary>Clone and promote: the snapshot and what is before it change hands.</summary>
    private static LocalInventory Seed(LocalInventory local, int history, SeedStep seed)
    {
        if (seed.Source.EndsWith(".old", StringComparison.Ordinal))
            return local with { HistoryIds = [.. local.HistoryIds, history], Snapshots = [.. local.Snapshots, seed.Snapshot with { HistoryId = history }] };
        var source = local.Of(seed.Snapshot.HistoryId);
        Assert.Contains(seed.Snapshot, source);
        var moved = source.Take(source.ToList().IndexOf(seed.Snapshot) + 1).ToList();
        return local with
        {
            HistoryIds = [.. local.HistoryIds, history],
            Snapshots = [.. local.Snapshots.Except(moved), .. moved.Select(s => s with { HistoryId = history })],
            Origins = new Dictionary<int, HistoryOrigin>(local.Origins) { [seed.Snapshot.HistoryId] = new(history, seed.Snapshot.Name) },
        };
    }

    private static LocalInventory Receive(LocalInventory local, RemoteInventory remote, IReadOnlyList<RemoteSnapshot> brought)
    {
        var history = remote.CurrentHistoryId;
        Assert.All(brought, s => Assert.True(s.IsConfirmed && s.HistoryId == history));
        Assert.Equal(brought.OrderBy(static s => s.CreatedAt), brought);
        Assert.DoesNotContain(local.Of(history), s => brought.Any(b => b.Name == s.Name));
        return local with
        {
            HistoryIds = [.. local.HistoryIds.Union([history])],
            Snapshots = [.. local.Snapshots, .. brought.Select(s => new LocalSnapshot(history, s.Name, s.CreatedAt, (ulong)s.Id + 1000, false))],
        };
    }
}
