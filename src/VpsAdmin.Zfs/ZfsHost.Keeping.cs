namespace VpsAdmin.Zfs;

/// <summary>What protects snapshots and rearranges filesystems without moving data.</summary>
public sealed partial class ZfsHost
{
    /// <summary>The machine whose zfs this is; null: this one.</summary>
    public SshTarget? Remote => _options.Remote;

    /// <summary>Puts a hold on the snapshot; one of the same tag that is there already will do.</summary>
    public async Task HoldAsync(SnapshotName snapshot, string tag, CancellationToken cancel)
    {
        try
        {
            await _zfs.RunAsync(["hold", ZfsArgument.Tag(tag), ZfsArgument.Snapshot(snapshot)], cancel).ConfigureAwait(false);
        }
        catch (ZfsException e) when (e.Failure == ZfsFailure.AlreadyExists)
        {
            // It is held.
        }
    }

    /// <summary>Ends the hold of this tag; none being there, or no snapshot, is as good.</summary>
    /// <remarks>zfs-fuse cannot list holds (Debian leaves the helper out): their owner must know their tags.</remarks>
    public async Task ReleaseAsync(SnapshotName snapshot, string tag, CancellationToken cancel)
    {
        try
        {
            await _zfs.RunAsync(["release", ZfsArgument.Tag(tag), ZfsArgument.Snapshot(snapshot)], cancel).ConfigureAwait(false);
        }
        catch (ZfsException e) when (e.Failure == ZfsFailure.NotFound)
        {
            // It is not held.
        }
    }

    /// <summary>Mounts a filesystem if it is not mounted.</summary>
    public async Task MountAsync(string filesystem, CancellationToken cancel)
    {
        if (!(await GetFilesystemAsync(filesystem, cancel).ConfigureAwait(false)).IsMounted)
            await RunWhileBusyAsync(["mount", ZfsArgument.Dataset(filesystem)], static () => Task.FromResult<string?>(null), cancel).ConfigureAwait(false);
    }

    /// <summary>Unmounts a filesystem if it is mounted.</summary>
    public async Task UnmountAsync(string filesystem, CancellationToken cancel)
    {
        if ((await GetFilesystemAsync(filesystem, cancel).ConfigureAwait(false)).IsMounted)
            await RunWhileBusyAsync(["unmount", ZfsArgument.Dataset(filesystem)], static () => Task.FromResult<string?>(null), cancel).ConfigureAwait(false);
    }
}
