namespace VpsAdmin.Backup;

/// <summary>Texts for people whose backup cannot go on by itself: what was found, and the commands that help.</summary>
internal static class Conflicts
{
    public static string WrongDataset(string filesystem, long saved, RemoteInventory remote) =>
        $"'{filesystem}' holds the backup of the dataset with id {saved}, not of {remote.DatasetName} (id {remote.DatasetId}). Back up into another filesystem, or "
        + $"force this one to go over to dataset {remote.DatasetId}. 'zfs get {BackupRunner.DatasetIdProperty} {Quote(filesystem)}' shows what it remembers.";

    public static string NamesOnly(string filesystem, long saved, RemoteInventory remote) =>
        $"'{filesystem}' holds the backup of the dataset with id {saved}. Snapshots of {remote.DatasetName} (id {remote.DatasetId}) have the same names as those here, "
        + "but names alone prove nothing: two datasets may have been snapshotted in the same second. Take a new snapshot on the server and back up again, "
        + "so that zfs compares what they share, or back up into another filesystem.";

    public static string NoCommonSnapshot(string target, IReadOnlyList<LocalSnapshot> here, IReadOnlyList<RemoteSnapshot> current)
    {
        var remoteNames = current.Select(static s => s.Name).ToHashSet(StringComparer.Ordinal);
        var common = here.LastOrDefault(s => remoteNames.Contains(s.Name));
        var newer = here.Reverse().TakeWhile(s => s != common).Reverse().ToList();
        string[] lines =
        [
            "Unable to transfer: the common snapshot has not been found.",
            $"'{target}' has {Span(here.Select(static s => s.Name).ToList())}; the server has {Span(current.Select(static s => s.Name).ToList())}.",
            common is null
                ? "They share none. Snapshots of the server expire; the last backup was perhaps too long ago."
                : $"The newest that both have is @{common.Name}; an increment can be added only when no snapshot after it is here.",
            "",
            .. WhatToDo(target, common, newer),
        ];
        return string.Join(Environment.NewLine, lines);
    }

    public static string IncrementRefused(IncrementalStep step, string serverMessage) => string.Join(Environment.NewLine,
    [
        $"The server refuses an increment from @{step.Base.Name} to @{step.Snapshot.Name}: {serverMessage}",
        "Both have the same history id but no common history, as after a rollback to the newest snapshot of an older branch.",
        "",
        .. WhatToDo(step.Target, common: null, newer: []),
    ]);

    public static string LocalChanges(string target, string baseName) => string.Join(Environment.NewLine,
    [
        $"'{target}' was changed here after @{baseName}, so that nothing can be received on top of it. Its snapshots are as they were.",
        "Throw the changes away, by force or with:",
        $"  zfs rollback {Quote($"{target}@{baseName}")}",
    ]);

    public static string NotEmpty(string target, long bytes) =>
        $"'{target}' has no snapshots, but {bytes} bytes of files, which the first backup would replace. If they are not needed, run "
        + $"'zfs destroy {Quote(target)}' or use force; else move them away first.";

    private static IEnumerable<string> WhatToDo(string target, LocalSnapshot? common, List<LocalSnapshot> newer)
    {
        var dataset = Quote(target);
        yield return "What you can do, before the next backup:";
        if (common is not null)
        {
            yield return $"* Go back to the common snapshot. This destroys {string.Join(", ", newer.Take(5).Select(static s => "@" + s.Name))}{(newer.Count > 5 ? $" and {newer.Count - 5} more" : "")}:";
            yield return $"    zfs rollback -r {Quote($"{target}@{common.Name}")}";
        }
        yield return "* Keep what is there, and start anew beside it (it is ignored from then on):";
        yield return $"    zfs rename {dataset} {Quote(target + ".old")}";
        yield return "* Look at it, and if it is not needed, destroy it and start anew:";
        yield return $"    zfs list -r -t all {dataset}";
        yield return $"    zfs destroy -r {dataset}";
        yield return "* Start anew in another filesystem.";
    }

    private static string Span(List<string> names) => names.Count == 1 ? $"@{names[0]}" : $"{names.Count} snapshots, @{names[0]} to @{names[^1]}";

    /// <summary>For a shell: of all that ZFS allows in names only the space needs it.</summary>
    private static string Quote(string name) => name.Contains(' ', StringComparison.Ordinal) ? $"'{name}'" : name;
}
