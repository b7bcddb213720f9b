using System.Globalization;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>Reads what a filesystem holds: one listing of filesystems, one of snapshots, one of what they are marked with.</summary>
internal sealed class LocalInventoryReader(ZfsHost zfs)
{
    /// <exception cref="ZfsException"><see cref="ZfsFailure.NotFound"/>: the filesystem is not there.</exception>
    /// <exception cref="BackupConflictException">What it remembers is not a dataset's id.</exception>
    public async Task<LocalInventory> ReadAsync(string filesystem, CancellationToken cancel)
    {
        var children = await zfs.ListFilesystemsAsync(filesystem, depth: 1, cancel).ConfigureAwait(false);
        var snapshots = await zfs.ListSnapshotsAsync(filesystem, depth: 1, cancel).ConfigureAwait(false);
        var histories = children.Select(c => HistoryDataset.HistoryId(filesystem, c.Name)).OfType<int>().Order().ToList();
        // Never inherited ones: a filesystem inside another backup has a dataset of its own (BUG-21).
        var set = await zfs.ListLocalPropertiesAsync(
            [filesystem, .. histories.Select(id => HistoryDataset.Name(filesystem, id))], [BackupRunner.DatasetIdProperty, BackupMark.Property], cancel).ConfigureAwait(false);

        return new LocalInventory(
            filesystem,
            set.TryGetValue((filesystem, BackupRunner.DatasetIdProperty), out var saved) ? DatasetId(filesystem, saved) : null,
            histories,
            [.. from snapshot in snapshots
                let historyId = HistoryDataset.HistoryId(filesystem, snapshot.Name.Dataset)
                where historyId is not null
                select new LocalSnapshot(historyId.Value, snapshot.Name.Name, snapshot.Creation, snapshot.Guid, snapshot.Holds > 0)])
        {
            Mark = BackupMark.TryParse(set.GetValueOrDefault((filesystem, BackupMark.Property))),
            Marks = histories.Where(id => set.ContainsKey((HistoryDataset.Name(filesystem, id), BackupMark.Property)))
                .ToDictionary(static id => id, id => set[(HistoryDataset.Name(filesystem, id), BackupMark.Property)]),
            Origins = Origins(filesystem, children),
            OtherOrigins = [.. children.Where(c => HistoryDataset.HistoryId(filesystem, c.Name) is null).Select(c => Origin(filesystem, c)).OfType<HistoryOrigin>()],
            OtherChildren = [.. children.Select(static c => c.Name).Where(name => name != filesystem && HistoryDataset.HistoryId(filesystem, name) is null)],
        };
    }

    private static Dictionary<int, HistoryOrigin> Origins(string filesystem, IReadOnlyList<ZfsDataset> children)
    {
        var origins = new Dictionary<int, HistoryOrigin>();
        foreach (var child in children)
        {
            if (HistoryDataset.HistoryId(filesystem, child.Name) is { } clone && Origin(filesystem, child) is { } origin)
                origins[clone] = origin;
        }
        return origins;
    }

    /// <returns>Null: it is no clone, or none of a history.</returns>
    private static HistoryOrigin? Origin(string filesystem, ZfsDataset child) =>
        child.Origin is { } origin && HistoryDataset.HistoryId(filesystem, origin.Dataset) is { } source ? new(source, origin.Name) : null;

    private static long DatasetId(string filesystem, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new BackupConflictException(Conflicts.NoDatasetId(filesystem, value));
}
