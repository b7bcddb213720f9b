using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>Decides; pure.</summary>
public static class BackupPlanner
{
    /// <remarks>
    /// Snapshots are matched by name: they are unique in a dataset, and servers do not tell guids. Increments are planned only from the
    /// newest local snapshot, because ZFS adds to a dataset only there.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An option that is not positive.</exception>
    public static BackupPlan Plan(LocalInventory local, RemoteInventory remote, BackupPlanOptions options)
    {
        if (options.InitialSnapshots is { } initial)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(initial, nameof(options));

        var target = HistoryDataset.Name(local.Filesystem, remote.CurrentHistoryId);
        if (local.SavedDatasetId is { } saved && saved != remote.DatasetId)
            return Nothing(BackupOutcome.WrongDataset, target, Conflicts.WrongDataset(local.Filesystem, saved, remote));

        var current = remote.Snapshots.Where(s => s.HistoryId == remote.CurrentHistoryId && IsUsable(s)).ToList();
        if (current.Count == 0)
            return Nothing(BackupOutcome.NoSnapshots, target,
                $"Nothing to transfer: dataset {remote.DatasetName} has no snapshots with history id {remote.CurrentHistoryId}.{Unconfirmed(remote)}");

        var here = local.Snapshots.Where(s => s.HistoryId == remote.CurrentHistoryId).ToList();
        // After a rollback on the server, older snapshots are here under an older history id (V9, BUG-12).
        var names = local.Snapshots.Select(static s => s.Name).ToHashSet(StringComparer.Ordinal);
        var missing = current[(current.FindLastIndex(s => names.Contains(s.Name)) + 1)..];
        if (missing.Count == 0)
            return Nothing(BackupOutcome.UpToDate, target, UpToDate(remote, current.Count, here.Count == 0));

        if (here.Count == 0)
            return First(target, remote, missing, options);
        var common = current.FindLastIndex(s => s.Name == here[^1].Name);
        return common < 0
            ? Nothing(BackupOutcome.NoCommonSnapshot, target, Conflicts.NoCommonSnapshot(target, here, current))
            : Increment(target, remote, current[common], current[(common + 1)..]);
    }

    /// <summary>The server is still taking an unconfirmed one (BUG-9); a name that ZFS cannot have is not to be trusted.</summary>
    private static bool IsUsable(RemoteSnapshot snapshot) => snapshot.IsConfirmed && ZfsName.IsSnapshot(snapshot.Name);

    private static BackupPlan First(string target, RemoteInventory remote, IReadOnlyList<RemoteSnapshot> missing, BackupPlanOptions options)
    {
        var wanted = options.InitialSnapshots is { } count ? missing.TakeLast(count).ToList() : missing;
        var oldest = wanted[0];
        var steps = new List<BackupStep> { new FullStep(target, oldest, $"'{target}' has no snapshots yet: @{oldest.Name} in full.") };
        if (wanted.Count > 1)
            steps.Add(Step(target, oldest, wanted.Skip(1).ToList()));
        return Transfer(target, remote, wanted, steps);
    }

    private static BackupPlan Increment(string target, RemoteInventory remote, RemoteSnapshot common, IReadOnlyList<RemoteSnapshot> included) =>
        Transfer(target, remote, included, [Step(target, common, included)]);

    private static IncrementalStep Step(string target, RemoteSnapshot common, IReadOnlyList<RemoteSnapshot> included) =>
        new(target, common, included[^1], included,
            $"@{common.Name} is on both sides: {Snapshots(included.Count)} after it, up to @{included[^1].Name}, in one incremental stream.");

    private static BackupPlan Transfer(string target, RemoteInventory remote, IReadOnlyList<RemoteSnapshot> wanted, IReadOnlyList<BackupStep> steps) =>
        new(BackupOutcome.Transfer, target, steps,
            $"{Snapshots(wanted.Count)} of dataset {remote.DatasetName} to transfer into '{target}', @{wanted[0].Name} to @{wanted[^1].Name}.{Unconfirmed(remote)}");

    private static BackupPlan Nothing(BackupOutcome outcome, string target, string message) => new(outcome, target, [], message);

    private static string UpToDate(RemoteInventory remote, int count, bool elsewhere) =>
        $"Nothing to transfer: {(count == 1 ? "the only snapshot" : $"all {count} snapshots")} of dataset {remote.DatasetName} with history id {remote.CurrentHistoryId} "
        + $"{(count == 1 ? "is" : "are")} here already{(elsewhere ? ", under another history id" : "")}.{Unconfirmed(remote)}";

    private static string Unconfirmed(RemoteInventory remote) =>
        remote.Snapshots.Count(s => s.HistoryId == remote.CurrentHistoryId && !s.IsConfirmed) is > 0 and var count
            ? $" The server is still taking {Snapshots(count)}; the next backup will find {(count == 1 ? "it" : "them")}."
            : "";

    private static string Snapshots(int count) => count == 1 ? "1 snapshot" : $"{count} snapshots";
}
