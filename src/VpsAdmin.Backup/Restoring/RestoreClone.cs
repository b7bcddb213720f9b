using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Restoring;

/// <summary>
/// A read-only clone that shows the files of a snapshot in a private folder, <c>FS/restore-files</c>. Not <c>.zfs/snapshot</c>: zfs-fuse has none,
/// and where automounting fails it is there and empty. Backups and rotation ignore the clone: its name is not a number.
/// </summary>
internal sealed class RestoreClone : IAsyncDisposable
{
    /// <summary>Set on the clone, so that what a crash left is told from somebody's own dataset of this name.</summary>
    internal const string Mark = "cz.vpsfree.vpsadmin:restore";

    private static readonly TimeSpan RemovalLimit = TimeSpan.FromMinutes(1);

    private readonly ZfsHost _zfs;
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly DirectoryInfo _private;
    private readonly string _folder;

    public RestoreClone(ZfsHost zfs, string filesystem, TimeProvider time)
    {
        _zfs = zfs;
        _time = time;
        _name = $"{filesystem}/restore-files";
        // Its mode keeps everybody else away from files that were protected by the mode of a folder above them.
        _private = Directory.CreateTempSubdirectory("vpsadmin-restore-");
        _folder = Path.Combine(_private.FullName, "snapshot");
    }

    /// <summary>Mounts the snapshot in place of what a crash may have left. The caller holds the lock of the backup's restores.</summary>
    /// <returns>The folder with the snapshot's files.</returns>
    public async Task<string> MountAsync(SnapshotName snapshot, CancellationToken cancel)
    {
        await RemoveAsync(cancel).ConfigureAwait(false);
        // Nothing in the snapshot is to be run or opened, only read.
        await _zfs.CloneAsync(snapshot, _name, new Dictionary<string, string>
        {
            ["mountpoint"] = _folder,
            ["readonly"] = "on",
            ["exec"] = "off",
            ["setuid"] = "off",
            ["devices"] = "off",
            [Mark] = "on",
        }, cancel).ConfigureAwait(false);
        var clone = await _zfs.GetFilesystemAsync(_name, cancel).ConfigureAwait(false);
        return clone is { IsMounted: true, Mountpoint: { } mountpoint } && mountpoint == _folder
            ? _folder
            : throw new RestoreException(RestoreFailure.CopyFailed, $"A clone of {snapshot} was made, but it is not mounted, so that its files cannot be read. Mounting takes root, or -Sudo.");
    }

    /// <summary>Also after a cancellation, hence with a limit of its own.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(RemovalLimit, _time);
        await RemoveAsync(limit.Token).ConfigureAwait(false);
        // Never recursively: what is still mounted there must not be emptied. Some zfs take the mount point away, some leave it.
        if (Directory.Exists(_folder))
            Directory.Delete(_folder);
        _private.Delete();
    }

    private async Task RemoveAsync(CancellationToken cancel)
    {
        if (!await _zfs.ExistsAsync(_name, cancel).ConfigureAwait(false))
            return;
        if (await _zfs.GetLocalPropertyAsync(_name, Mark, cancel).ConfigureAwait(false) is null)
            throw new RestoreException(RestoreFailure.TargetConflict, $"'{_name}' is where a snapshot's files are shown while they are copied, but it is somebody's own. Rename it.");
        await _zfs.DestroyAsync(_name, cancel).ConfigureAwait(false);
    }
}
