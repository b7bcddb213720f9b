using System.Globalization;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Inspection;

/// <summary>Tells which filesystems are backups and what they hold, from what zfs lists; pure.</summary>
internal static class BackupFinder
{
    /// <param name="root">A backup, whatever it holds, unless <paramref name="recurse"/>: then it and what is below it count when they look like backups.</param>
    /// <param name="remembered">Dataset ids, as text, by the filesystem that remembers them.</param>
    public static IReadOnlyList<LocalBackup> Find(
        string root, bool recurse, TimeSpan rhythm,
        IReadOnlyList<ZfsDataset> filesystems, IReadOnlyList<ZfsSnapshot> snapshots, IReadOnlyDictionary<string, string> remembered)
    {
        var byDataset = snapshots.ToLookup(static s => s.Name.Dataset, StringComparer.Ordinal);
        var children = filesystems.ToLookup(static f => Parent(f.Name), StringComparer.Ordinal);
        return [.. from filesystem in filesystems
                   where recurse ? LooksLikeBackup(filesystem.Name, children, byDataset, remembered) : filesystem.Name == root
                   select Read(filesystem, rhythm, children, byDataset, remembered)];
    }

    /// <summary>It remembers a dataset, or it has a numbered child with snapshots and is not itself numbered (a history may hold such children).</summary>
    private static bool LooksLikeBackup(
        string filesystem, ILookup<string, ZfsDataset> children, ILookup<string, ZfsSnapshot> snapshots, IReadOnlyDictionary<string, string> remembered) =>
        remembered.ContainsKey(filesystem)
        || (HistoryDataset.HistoryId(Parent(filesystem), filesystem) is null
            && children[filesystem].Any(c => HistoryDataset.HistoryId(filesystem, c.Name) is not null && snapshots[c.Name].Any()));

    private static LocalBackup Read(
        ZfsDataset filesystem, TimeSpan rhythm, ILookup<string, ZfsDataset> children, ILookup<string, ZfsSnapshot> snapshots,
        IReadOnlyDictionary<string, string> remembered)
    {
        List<BackupHistory> histories =
        [
            .. from child in children[filesystem.Name]
               let id = HistoryDataset.HistoryId(filesystem.Name, child.Name)
               where id is not null
               orderby id
               select new BackupHistory(id.Value, child.Name, [.. snapshots[child.Name].Select(s => Snapshot(s, id.Value))], child.Used, child.Referenced),
        ];
        return new LocalBackup(
            filesystem.Name, DatasetId(remembered.GetValueOrDefault(filesystem.Name)), histories, filesystem.Used,
            BackupRhythm.Gaps(histories.SelectMany(static h => h.Snapshots).Select(static s => s.Creation), rhythm));
    }

    private static BackupSnapshot Snapshot(ZfsSnapshot snapshot, int historyId) => new(
        snapshot.Name.Dataset, historyId, snapshot.Name.Name, snapshot.Creation, snapshot.Guid, snapshot.Holds > 0, snapshot.Referenced);

    private static long? DatasetId(string? value) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static string Parent(string dataset) => dataset.LastIndexOf('/') is var slash and >= 0 ? dataset[..slash] : "";
}
