using System.Globalization;

namespace VpsAdmin.Backup;

/// <summary>The layout of a backup on disk, the original client's: <c>FS/history_id@name</c>.</summary>
internal static class HistoryDataset
{
    public static string Name(string filesystem, int historyId) => string.Create(CultureInfo.InvariantCulture, $"{filesystem}/{historyId}");

    /// <returns>Null for what is not a history dataset directly below the filesystem, such as <c>FS/0.old</c> (V16) and the filesystem itself (BUG-22).</returns>
    public static int? HistoryId(string filesystem, string dataset) =>
        dataset.StartsWith(filesystem, StringComparison.Ordinal)
        && dataset.Length > filesystem.Length
        && int.TryParse(dataset.AsSpan(filesystem.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && Name(filesystem, id) == dataset
            ? id
            : null;
}
