namespace VpsAdmin.Backup;

/// <summary>Conflicts in words, for people whose backup cannot go on by itself: what was found, and the commands that help.</summary>
internal static class Conflicts
{
    public static WrongDataset WrongDataset(string filesystem, long saved, RemoteInventory remote) => new(saved,
        $"'{filesystem}' holds the backup of the dataset with id {saved}, not of {remote.DatasetName} (id {remote.DatasetId}).",
        $"Back up into another filesystem, or force this one to go over to dataset {remote.DatasetId}. "
        + $"'zfs get {BackupRunner.DatasetIdProperty} {Quote(filesystem)}' shows what it remembers.");

    public static WrongDataset NamesOnly(string filesystem, long saved, RemoteInventory remote) => new(saved,
        $"'{filesystem}' holds the backup of the dataset with id {saved}. Snapshots of {remote.DatasetName} (id {remote.DatasetId}) have the same names as those here, "
        + "but names alone prove nothing: two datasets may have been snapshotted in the same second.",
        "Take a new snapshot on the server and back up again, so that zfs compares what they share, or back up into another filesystem.");

    public static WrongDataset OtherServer(LocalInventory local, RemoteInventory remote) => new(local.SavedDatasetId,
        $"'{local.Filesystem}' holds the backup of the dataset with id {remote.DatasetId} of {local.Mark!.Server}. This is {remote.Server}, where that number may be another dataset, "
        + "and nothing that it has fits on top of what is here.",
        $"Connect to the server whose backup it is, or back up into another filesystem. If it is the same dataset, which has only another address, force this one to go over to it. "
        + $"'zfs get {BackupMark.Property} {Quote(local.Filesystem)}' shows what it remembers.");

    /// <summary>A warning: there was nothing to transfer that would have proved it.</summary>
    public static string NotProved(LocalInventory local, RemoteInventory remote) =>
        $"'{local.Filesystem}' holds the backup of dataset {local.SavedDatasetId} of {local.Mark?.Server}; this is dataset {remote.DatasetId} of {remote.Server}. Until an increment from here has fitted in, "
        + "nothing is held and nothing rotated away.";

    /// <summary>A warning.</summary>
    /// <param name="mark">What it is marked with; null: nothing.</param>
    public static string NotOwn(string dataset, string? mark, RemoteInventory remote) =>
        $"'{dataset}' is {(mark is null ? "not known to be of this backup" : $"the backup of {mark}")}, and is not rotated. Move it away; or, if it is of this backup: "
        + $"zfs set {BackupMark.Property}={remote.Mark} {Quote(dataset)}";

    public static WrongDataset NoDatasetId(string filesystem, string value) => new(SavedDatasetId: null,
        $"The property {BackupRunner.DatasetIdProperty} of '{filesystem}' is '{value}', which is not a dataset's id.",
        $"Set it to the id, or remove it with 'zfs inherit {BackupRunner.DatasetIdProperty} {Quote(filesystem)}'.");

    public static AlreadyRunning AlreadyRunning(string filesystem, string where) => new(filesystem,
        $"A backup into '{filesystem}' is running already on this machine ({where}). Nothing was changed.", "Wait until it has ended.");

    public static Locked Locked(string serverMessage) => new(
        $"The server had it locked, or was under maintenance, for as long as this run would wait: {serverMessage}",
        "Try again later; a server that takes its nightly backups locks datasets for hours.");

    public static NoCommonSnapshot NoCommonSnapshot(string target, IReadOnlyList<LocalSnapshot> here, IReadOnlyList<RemoteSnapshot> current) => new(target,
        string.Join(Environment.NewLine,
        [
            "Unable to transfer: the common snapshot has not been found.",
            $"'{target}' has {Span([.. here.Select(static s => s.Name)])}; the server has {Span([.. current.Select(static s => s.Name)])}.",
            "They share none. Snapshots of the server expire; the last backup was perhaps too long ago.",
        ]),
        string.Join(Environment.NewLine, WhatToDo(target, common: null, newer: [])));

    public static Diverged Diverged(
        string target, LocalSnapshot common, IReadOnlyList<LocalSnapshot> newer, IReadOnlyList<RemoteSnapshot> current) => new(target, common, newer,
        string.Join(Environment.NewLine,
        [
            "Unable to transfer: the common snapshot is not the newest one here.",
            $"The newest that both have is @{common.Name}; '{target}' has {Span([.. newer.Select(static s => s.Name)])} after it, which the server does not have "
                + $"({Span([.. current.Select(static s => s.Name)])}). An increment can be added only when no snapshot after its base is here.",
            .. newer.FirstOrDefault(static s => s.IsHeld) is { } held ? [$"@{held.Name} is held, so that not even force destroys it: 'zfs release' ends a hold."] : Array.Empty<string>(),
        ]),
        string.Join(Environment.NewLine, WhatToDo(target, common, newer)));

    public static string LocalChanges(string target, string baseName) => string.Join(Environment.NewLine,
    [
        $"'{target}' was changed here after @{baseName}, so that nothing can be received on top of it. Its snapshots are as they were.",
        "Throw the changes away, by force or with:",
        $"  zfs rollback {Quote($"{target}@{baseName}")}",
    ]);

    public static string NotEmpty(string target, long bytes) =>
        $"'{target}' has no snapshots, but {bytes} bytes of files. Move them away, or use force, which keeps them under another name beside it.";

    /// <summary>A warning.</summary>
    public static string KeptAs(string target, string aside) => $"What was in '{target}' is kept as '{aside}'.";

    private static IEnumerable<string> WhatToDo(string target, LocalSnapshot? common, IReadOnlyList<LocalSnapshot> newer)
    {
        var dataset = Quote(target);
        yield return "What you can do, before the next backup:";
        if (common is not null)
        {
            yield return $"* Go back to the common snapshot, by force or by hand. This destroys {string.Join(", ", newer.Take(5).Select(static s => "@" + s.Name))}{(newer.Count > 5 ? $" and {newer.Count - 5} more" : "")}:";
            yield return $"    zfs rollback -r {Quote($"{target}@{common.Name}")}";
        }
        yield return "* Keep what is there, and start anew beside it (it is ignored from then on):";
        yield return $"    zfs rename {dataset} {Quote(target + ".old")}";
        yield return "* Look at it, and if it is not needed, destroy it and start anew:";
        yield return $"    zfs list -r -t all {dataset}";
        yield return $"    zfs release {BaseHold.Tag} {Quote($"{target}@NAME")}    # for the one that is held";
        yield return $"    zfs destroy -r {dataset}";
        yield return "* Start anew in another filesystem.";
    }

    private static string Span(IReadOnlyList<string> names) => names.Count == 1 ? $"@{names[0]}" : $"{names.Count} snapshots, @{names[0]} to @{names[^1]}";

    /// <summary>For a shell: of all that ZFS allows in names only the space needs it.</summary>
    private static string Quote(string name) => name.Contains(' ', StringComparison.Ordinal) ? $"'{name}'" : name;
}
