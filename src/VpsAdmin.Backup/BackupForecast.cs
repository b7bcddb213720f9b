namespace VpsAdmin.Backup;

/// <summary>What will be here when a plan is done; pure.</summary>
internal static class BackupForecast
{
    /// <summary>The inventory after the plan's steps; of snapshots to come only name and time are known.</summary>
    public static LocalInventory After(LocalInventory local, RemoteInventory remote, BackupPlan plan)
    {
        // Only an increment that fits in proves that what is here is the other dataset's as well.
        var isProved = BackupRunner.IsForeign(local, remote) && plan.Steps.FirstOrDefault(static s => s is FullStep or IncrementalStep) is IncrementalStep;
        var before = isProved ? OwnHistories.Remarked(local, remote) : local;
        var after = plan.Steps.Aggregate(before, (inventory, step) => Apply(inventory, remote.CurrentHistoryId, step));
        if (plan.Steps.Count == 0)
            return after;
        var marks = new Dictionary<int, string>(after.Marks) { [remote.CurrentHistoryId] = remote.Mark.ToString() };
        foreach (var source in plan.Steps.OfType<SeedStep>().Select(seed => HistoryDataset.HistoryId(local.Filesystem, seed.Source)).OfType<int>())
            marks.TryAdd(source, remote.Mark.ToString());
        return after with { Marks = marks };
    }

    private static LocalInventory Apply(LocalInventory local, int current, BackupStep step) => step switch
    {
        FullStep full => Add(local, current, [full.Snapshot]),
        IncrementalStep increment => Add(local, current, increment.Included),
        RollbackStep rollback => local with { Snapshots = [.. local.Snapshots.Except(rollback.Destroyed)] },
        AsideStep aside => SetAside(local, current, aside),
        SeedStep seed => Seed(local, current, seed),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    private static LocalInventory Add(LocalInventory local, int history, IReadOnlyList<RemoteSnapshot> brought) => local with
    {
        HistoryIds = [.. local.HistoryIds.Union([history]).Order()],
        Snapshots = [.. local.Snapshots, .. brought.Select(s => new LocalSnapshot(history, s.Name, s.CreatedAt, s.Guid ?? 0, IsHeld: false))],
    };

    private static LocalInventory SetAside(LocalInventory local, int history, AsideStep step) => local with
    {
        HistoryIds = [.. local.HistoryIds.Where(id => id != history)],
        Snapshots = [.. local.Snapshots.Where(s => s.HistoryId != history)],
        OtherChildren = [.. local.OtherChildren, step.NewName],
    };

    private static LocalInventory Seed(LocalInventory local, int history, SeedStep step)
    {
        // One that was set aside is no part of the inventory any more: its snapshots come back with the clone.
        var isOfOurs = HistoryDataset.HistoryId(local.Filesystem, step.Source) == step.Snapshot.HistoryId;
        var taken = isOfOurs
            ? local.Of(step.Snapshot.HistoryId).TakeWhile(s => s != step.Snapshot).Append(step.Snapshot).ToList()
            : [step.Snapshot];
        var origins = local.Origins.Where(o => o.Key != history).ToDictionary();
        if (isOfOurs)
            origins[step.Snapshot.HistoryId] = new HistoryOrigin(history, step.Snapshot.Name);
        return local with
        {
            HistoryIds = [.. local.HistoryIds.Union([history]).Order()],
            Snapshots = [.. local.Snapshots.Except(taken), .. taken.Select(s => s with { HistoryId = history })],
            Origins = origins,
        };
    }
}
