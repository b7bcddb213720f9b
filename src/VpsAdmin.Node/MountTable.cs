namespace VpsAdmin.Node;

/// <summary>What the kernel has mounted where, links followed: proc_pid_mountinfo(5).</summary>
internal static class MountTable
{
    private const string Path = "/proc/self/mountinfo";

    /// <summary>Whether a dataset is mounted on exactly this folder.</summary>
    public static bool Has(string folder, string dataset) => File.ReadLines(Path).Any(line => IsOf(line, folder, dataset));

    /// <summary>Where a dataset is mounted; null: nowhere.</summary>
    public static string? FolderOf(string dataset) =>
        File.ReadLines(Path).Select(Read).FirstOrDefault(mount => mount?.Source == Escape(dataset))?.Folder is { } folder ? Unescape(folder) : null;

    /// <summary>Where all of a dataset is mounted by this mount; null: it is another one's.</summary>
    /// <param name="id">The mount's number.</param>
    public static string? FolderOf(string id, string dataset) =>
        File.ReadLines(Path).Select(Read).FirstOrDefault(mount => mount?.Id == id && mount.Source == Escape(dataset)) is { Root: "/" } found ? Unescape(found.Folder) : null;

    /// <summary>Folders below this one that something is mounted on.</summary>
    public static IEnumerable<string> Below(string folder) =>
        File.ReadLines(Path).Select(Read).OfType<Mount>().Select(static mount => Unescape(mount.Folder)).Where(on => on.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal));

    internal static bool IsOf(string line, string folder, string dataset) => Read(line) is { } mount && mount.Folder == Escape(folder) && mount.Source == Escape(dataset);

    /// <param name="line">"ID PARENT MAJOR:MINOR ROOT FOLDER OPTIONS [FIELD …] - TYPE SOURCE OPTIONS", spaces in names as \040.</param>
    /// <returns>As they are written; null: the line is another one.</returns>
    private static Mount? Read(string line) =>
        line.Split(" - ", 2) is [var mount, var what] && mount.Split(' ') is [var id, _, _, var root, var folder, ..] && what.Split(' ') is [_, var source, ..] ? new(id, root, folder, source) : null;

    private static string Escape(string name) => Escapes.Aggregate(name, static (text, pair) => text.Replace(pair.Character, pair.Code));

    private static string Unescape(string name) => Escapes.Reverse().Aggregate(name, static (text, pair) => text.Replace(pair.Code, pair.Character));

    private static readonly (string Character, string Code)[] Escapes = [("\\", "\\134"), (" ", "\\040"), ("\t", "\\011"), ("\n", "\\012")];

    private sealed record Mount(string Id, string Root, string Folder, string Source);
}
