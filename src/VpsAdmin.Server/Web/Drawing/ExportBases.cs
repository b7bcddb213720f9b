namespace VpsAdmin.Server.Web.Drawing;

/// <summary>A snapshot as the base of an increment.</summary>
/// <param name="Reason">Why it cannot be one; null: it can.</param>
public sealed record ExportBase(TimelineSnapshot Snapshot, string? Reason);

/// <summary>From which snapshots an incremental stream to another can begin, as the server would have it.</summary>
internal static class ExportBases
{
    public const string Newer = "is newer";
    public const string OtherHistory = "is of another history: the dataset was rolled back between them";

    /// <param name="snapshots">All of the dataset.</param>
    /// <returns>All but the target itself, the newest first: it makes the smallest stream.</returns>
    public static IReadOnlyList<ExportBase> Of(IEnumerable<TimelineSnapshot> snapshots, TimelineSnapshot target) =>
    [
        .. snapshots.Where(s => s.Id != target.Id).OrderByDescending(static s => s.At).ThenByDescending(static s => s.Id).Select(s => new ExportBase(s, Reason(s, target))),
    ];

    private static string? Reason(TimelineSnapshot from, TimelineSnapshot target) =>
        from.HistoryId != target.HistoryId ? OtherHistory : from.At > target.At ? Newer : null;
}
