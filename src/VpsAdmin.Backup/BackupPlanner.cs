namespace VpsAdmin.Backup;

/// <summary>Decides; pure.</summary>
public static class BackupPlanner
{
    /// <summary>Older common snapshots are asked for an increment from so often; then a full stream costs less than more questions.</summary>
    public const int MostBases = 3;

    /// <remarks>
    /// Snapshots are matched by name, and by guid where the server tells it. Increments are planned only from the newest local snapshot of a
    /// dataset, because ZFS adds to it only there.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An option that is not positive.</exception>
    public static BackupPlan Plan(LocalInventory local, RemoteInventory remote, BackupPlanOptions options)
    {
        if (options.InitialSnapshots is { } initial)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(initial, nameof(options));

        var target = HistoryDataset.Name(local.Filesystem, remote.CurrentHistoryId);
        if (local.SavedDatasetId is { } saved && saved != remote.DatasetId)
            return Nothing(target, Conflicts.WrongDataset(local.Filesystem, saved, remote));
        var common = new CommonSnapshots(local, remote);
        if (common.Missing.Count == 0)
            return Nothing(target, NothingToDo(remote, common));

        var way = common.Here.Count > 0 ? Continue(target, local, common, options) : Begin(target, local, common, options);
        return way.Conflict is { } conflict ? Nothing(target, conflict) : Transfer(target, remote, way.Steps);
    }

    /// <summary>
    /// The local snapshot that the next increment begins at, in whatever history it is; null when there is none in common. To be kept.
    /// </summary>
    public static LocalSnapshot? Base(LocalInventory local, RemoteInventory remote)
    {
        var common = new CommonSnapshots(local, remote);
        return common.Bases(common.Here.Count > 0).FirstOrDefault().Local;
    }

    /// <summary>The current history is here: on top of its newest snapshot, or beside it.</summary>
    private static BackupWay Continue(string target, LocalInventory local, CommonSnapshots common, BackupPlanOptions options)
    {
        // As many as can be asked for; each more is work for nothing.
        var bases = common.Bases(here: true).Take(MostBases).ToList();
        if (bases.Count == 0)
            return new(Conflicts.NoCommonSnapshot(target, common.Here, common.Current));
        var (newest, index) = bases[0];
        if (newest == common.Here[^1] && !options.Refused.Contains(newest.Name))
            return new([Increment(target, common, index)]);
        if (newest != common.Here[^1])
            return Diverge(target, common, newest, index, options);

        // The server will not, or cannot, send an increment from it: another way, in a dataset that is free for it.
        var aside = FreePlace.Name(target, newest.Name, local.OtherChildren.ToHashSet(StringComparer.Ordinal));
        var free = new AsideStep(target, aside, $"No increment can be had from @{newest.Name}; what is in '{target}' is kept as '{aside}'.");
        return Alternative(bases, options) is var (older, at)
            ? new([free, Seed(aside, older, target, $"@{older.Name} is an older snapshot that both have."), Increment(target, common, at)])
            : new([free, .. Full(target, common, options)]);
    }

    /// <summary>Local snapshots are in the way of the increment.</summary>
    private static BackupWay Diverge(string target, CommonSnapshots common, LocalSnapshot newest, int index, BackupPlanOptions options)
    {
        var newer = common.Here.SkipWhile(s => s != newest).Skip(1).ToList();
        if (!options.Force || newer.Exists(static s => s.IsHeld) || options.Refused.Contains(newest.Name))
            return new(Conflicts.Diverged(target, newest, newer, common.Current));
        return new([
            new RollbackStep(target, newest, newer, $"By force: {Snapshots(newer.Count)} after @{newest.Name} that the server does not have {(newer.Count == 1 ? "is" : "are")} destroyed."),
            Increment(target, common, index)]);
    }

    /// <summary>The current history is not here: made of an older one's snapshots where it can be, else received in full.</summary>
    private static BackupWay Begin(string target, LocalInventory local, CommonSnapshots common, BackupPlanOptions options)
    {
        var historyId = common.HistoryId;
        var isFree = !local.HistoryIds.Contains(historyId) || local.Origins.ContainsKey(historyId);
        if (options.Seed && isFree && Alternative([.. common.Bases(here: false).Take(MostBases)], options) is var (shared, at))
        {
            var source = HistoryDataset.Name(local.Filesystem, shared.HistoryId);
            return new([Seed(source, shared, target, $"The server went back to @{shared.Name} or before, and it is here in '{source}': no full stream is needed."), Increment(target, common, at)]);
        }
        return new(Full(target, common, options));
    }

    private static (LocalSnapshot Local, int Index)? Alternative(List<(LocalSnapshot Local, int Index)> bases, BackupPlanOptions options)
    {
        if (options.Refused.Count >= MostBases)
            return null;
        var left = bases.Where(b => !options.Refused.Contains(b.Local.Name)).Take(1).ToList();
        return left.Count == 0 ? null : left[0];
    }

    private static IReadOnlyList<BackupStep> Full(string target, CommonSnapshots common, BackupPlanOptions options)
    {
        var wanted = options.InitialSnapshots is { } count ? common.Missing.TakeLast(count).ToList() : common.Missing;
        // From the oldest there is no way to the newest.
        if (options.Refused.Contains(wanted[0].Name))
            wanted = [wanted[^1]];
        var full = new FullStep(target, wanted[0], $"'{target}' has no snapshots to begin with: @{wanted[0].Name} in full.");
        return wanted.Count == 1 ? [full] : [full, Step(target, wanted[0], [.. wanted.Skip(1)])];
    }

    private static SeedStep Seed(string source, LocalSnapshot shared, string target, string why) =>
        new(source, shared, target, $"{why} '{target}' takes it and what is before it over from '{source}', without a transfer.");

    private static IncrementalStep Increment(string target, CommonSnapshots common, int index) => Step(target, common.Current[index], common.After(index));

    private static IncrementalStep Step(string target, RemoteSnapshot @base, IReadOnlyList<RemoteSnapshot> included) =>
        new(target, @base, included[^1], included,
            $"@{@base.Name} is on both sides: {Snapshots(included.Count)} after it, up to @{included[^1].Name}, in one incremental stream.");

    private static BackupPlan Transfer(string target, RemoteInventory remote, IReadOnlyList<BackupStep> steps)
    {
        var wanted = steps.SelectMany(static step => step switch
        {
            FullStep full => [full.Snapshot],
            IncrementalStep increment => increment.Included,
            _ => (IReadOnlyList<RemoteSnapshot>)[],
        }).ToList();
        return new(target, steps, Conflict: null,
            $"{Snapshots(wanted.Count)} of dataset {remote.DatasetName} (id {remote.DatasetId}) to transfer into '{target}', @{wanted[0].Name} to @{wanted[^1].Name}.{StillTaking(remote)}");
    }

    private static BackupPlan Nothing(string target, BackupConflict conflict) => new(target, [], conflict, conflict.Message);

    private static BackupConflict NothingToDo(RemoteInventory remote, CommonSnapshots common)
    {
        var history = $"dataset {remote.DatasetName} with history id {remote.CurrentHistoryId}";
        if (remote.Unconfirmed is { Count: > 0 } unconfirmed)
            return new Unconfirmed(unconfirmed, $"Nothing to transfer yet: of {history} there is nothing new but what the server is still taking, {Snapshots(unconfirmed.Count)}.", "The next backup will find it.");
        if (common.Current.Count == 0)
            return new NoSnapshots(remote.CurrentHistoryId, $"Nothing to transfer: {history} has no snapshots.");
        var where = common.Places;
        return new NothingNew(where,
            $"Nothing to transfer: {(common.Current.Count == 1 ? "the only snapshot" : $"all {common.Current.Count} snapshots")} of {history} "
            + $"{(common.Current.Count == 1 ? "is" : "are")} here already{(where.Contains(remote.CurrentHistoryId) ? "" : ", under another history id")}.");
    }

    private static string StillTaking(RemoteInventory remote) => remote.Unconfirmed.Count is > 0 and var count
        ? $" The server is still taking {Snapshots(count)}; the next backup will find {(count == 1 ? "it" : "them")}."
        : "";

    private static string Snapshots(int count) => count == 1 ? "1 snapshot" : $"{count} snapshots";
}
