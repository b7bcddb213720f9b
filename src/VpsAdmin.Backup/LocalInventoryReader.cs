using System.Globalization;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup;

/// <summary>Reads what a filesystem holds: one listing of filesystems, one of snapshots, one property.</summary>
internal sealed class LocalInventoryReader(ZfsHost zfs)
{
    /// <exception cref="ZfsException"><see cref="ZfsFailure.NotFound"/>: the filesystem is not there.</exception>
    /// <exception cref="BackupConflictException">What it remembers is not a dataset's id.</exception>
    public async Task<LocalInventory> ReadAsync(string filesystem, CancellationToken cancel)
    {
        var children = await zfs.ListFilesystemsAsync(filesystem, depth: 1, cancel).ConfigureAwait(false);
        var snapshots = await zfs.ListSnapshotsAsync(filesystem, depth: 1, cancel).ConfigureAwait(false);
        // Never an inherited one: a filesystem inside another backup has a dataset of its own (BUG-21).
        var saved = await zfs.GetLocalPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, cancel).ConfigureAwait(false);

        return new LocalInventory(
            filesystem,
            saved is null ? null : DatasetId(filesystem, saved),
            [.. children.Select(c => HistoryDataset.HistoryId(filesystem, c.Name)).OfType<int>().Order()],
            [.. from snapshot in snapshots
                let historyId = HistoryDataset.HistoryId(filesystem, snapshot.Name.Dataset)
                where historyId is not null
                select new LocalSnapshot(historyId.Value, snapshot.Name.Name, snapshot.Creation, snapshot.Guid, snapshot.Holds > 0)])
        {
            Origins = Origins(filesystem, children),
            OtherChildren = [.. children.Select(static c => c.Name).Where(name => name != filesystem && HistoryDataset.HistoryId(filesystem, name) is null)],
        };
    }

    private static Dictionary<int, HistoryOrigin> Origins(string filesystem, IReadOnlyList<ZfsDataset> children)
    {
        var origins = new Dictionary<int, HistoryOrigin>();
        foreach (var child in children)
        {
            if (HistoryDataset.HistoryId(filesystem, child.Name) is { } clone
                && child.Origin is { } origin && HistoryDataset.HistoryId(filesystem, origin.Dataset) is { } source)
                origins[clone] = new HistoryOrigin(source, origin.Name);
        }
        return origins;
    }

    private static long DatasetId(string filesystem, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new BackupConflictException(Conflicts.NoDatasetId(filesystem, value));
}
