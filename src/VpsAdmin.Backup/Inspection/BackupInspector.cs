using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Inspection;

/// <summary>Looks at backups on this machine, with <c>zfs</c> alone: no server is asked, nothing is changed.</summary>
public sealed class BackupInspector(ZfsHost zfs)
{
    public static readonly TimeSpan Daily = TimeSpan.FromDays(1);

    /// <summary>One filesystem, also when it holds nothing yet.</summary>
    /// <param name="rhythm">How often there should be a snapshot; for <see cref="LocalBackup.Gaps"/>.</param>
    /// <exception cref="ZfsException"><see cref="ZfsFailure.NotFound"/>: it is not there.</exception>
    public async Task<LocalBackup> ReadAsync(string filesystem, TimeSpan rhythm, CancellationToken cancel) =>
        (await FindAsync(filesystem, recurse: false, rhythm, cancel).ConfigureAwait(false))[0];

    /// <summary>All backups at or below <paramref name="root"/>: filesystems that remember a dataset, or that have histories with snapshots.</summary>
    /// <exception cref="ZfsException"><see cref="ZfsFailure.NotFound"/>: the root is not there.</exception>
    public Task<IReadOnlyList<LocalBackup>> FindAsync(string root, TimeSpan rhythm, CancellationToken cancel) => FindAsync(root, recurse: true, rhythm, cancel);

    private async Task<IReadOnlyList<LocalBackup>> FindAsync(string root, bool recurse, TimeSpan rhythm, CancellationToken cancel)
    {
        int? depth = recurse ? null : 1;
        var filesystems = await zfs.ListFilesystemsAsync(root, depth, cancel).ConfigureAwait(false);
        var snapshots = await zfs.ListSnapshotsAsync(root, depth, cancel).ConfigureAwait(false);
        var remembered = await zfs.ListLocalPropertyAsync(root, BackupRunner.DatasetIdProperty, recurse, cancel).ConfigureAwait(false);
        return BackupFinder.Find(root, recurse, rhythm, filesystems, snapshots, remembered);
    }
}
