using VpsAdmin.Backup.Inspection;

namespace VpsAdmin.Backup.Restoring;

/// <summary>Chooses the snapshot and says what will be done; pure.</summary>
public static class RestorePlanner
{
    /// <exception cref="RestoreException"><see cref="RestoreFailure.SnapshotNotFound"/> or <see cref="RestoreFailure.TargetConflict"/></exception>
    public static RestorePlan Plan(LocalBackup backup, RestoreSelection selection, RestoreTarget target)
    {
        var snapshot = Choose(backup, selection);
        if (target is DatasetTarget { Filesystem: var filesystem } && (filesystem == backup.Filesystem || filesystem.StartsWith(backup.Filesystem + "/", StringComparison.Ordinal)))
            throw new RestoreException(RestoreFailure.TargetConflict, $"'{filesystem}' is inside the backup '{backup.Filesystem}', of which it would be taken for a part. Restore beside it.");
        return new RestorePlan(snapshot, target, snapshot.Referenced, target switch
        {
            DatasetTarget t => $"{snapshot} is received into the new filesystem '{t.Filesystem}'.",
            StreamFileTarget t => $"The full stream of {snapshot} is written to '{t.Path}'{(t.Compress ? " as gzip" : "")}.",
            FilesTarget t => $"'{t.Source}' of {snapshot} is copied to '{t.Final}'.",
            _ => throw new ArgumentOutOfRangeException(nameof(target), target, null),
        });
    }

    /// <remarks>One name may be in two histories after a rollback on the server: then the newer history has it.</remarks>
    /// <exception cref="RestoreException"><see cref="RestoreFailure.SnapshotNotFound"/></exception>
    public static BackupSnapshot Choose(LocalBackup backup, RestoreSelection selection)
    {
        var candidates = backup.Snapshots.Where(s => selection.HistoryId is null || s.HistoryId == selection.HistoryId).ToList();
        if (candidates.Count == 0)
            throw NotFound($"'{backup.Filesystem}' holds no snapshots{(selection.HistoryId is { } id ? FormattableString.Invariant($" of history {id}") : "")}.");
        var chosen = candidates.LastOrDefault(s => (selection.Name is null || s.Name == selection.Name) && (selection.At is null || s.Creation <= selection.At));
        if (chosen is not null)
            return chosen;
        var span = candidates.Count == 1 ? $"only @{candidates[0].Name}" : $"{candidates.Count} snapshots, @{candidates[0].Name} to @{candidates[^1].Name}";
        throw NotFound(selection.Name is not null
            ? $"'{backup.Filesystem}' has no snapshot @{selection.Name}; it has {span}."
            : FormattableString.Invariant($"'{backup.Filesystem}' has no snapshot from {selection.At!.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC or before; it has {span}."));
    }

    private static RestoreException NotFound(string message) => new(RestoreFailure.SnapshotNotFound, message);
}
