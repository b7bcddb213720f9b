namespace VpsAdmin.Zfs;

/// <summary>What backups and restoring need besides.</summary>
public sealed partial class ZfsHost
{
    /// <summary>
    /// Snapshots that are born with the properties. One command, and so all at the same moment or none, where the host's zfs can; else
    /// one after another, and a failure leaves those before it.
    /// </summary>
    public async Task SnapshotAllAsync(IReadOnlyList<SnapshotName> names, IReadOnlyDictionary<string, string>? properties, CancellationToken cancel)
    {
        string[] arguments = [.. names.Select(ZfsArgument.Snapshot)];
        if ((await GetCapabilitiesAsync(cancel).ConfigureAwait(false)).SeveralSnapshotsAtOnce)
        {
            await _zfs.RunAsync(["snapshot", .. ZfsArgument.Options(properties), .. arguments], cancel).ConfigureAwait(false);
            return;
        }
        foreach (var name in arguments)
            await _zfs.RunAsync(["snapshot", .. ZfsArgument.Options(properties), name], cancel).ConfigureAwait(false);
    }

    /// <summary>What is known of snapshots, by one process for some hundreds of them.</summary>
    /// <exception cref="ZfsException"><see cref="ZfsFailure.NotFound"/> when one is not there.</exception>
    public async Task<IReadOnlyList<ZfsSnapshot>> GetSnapshotsAsync(IEnumerable<SnapshotName> names, CancellationToken cancel)
    {
        var found = new List<ZfsSnapshot>();
        foreach (var chunk in names.Select(ZfsArgument.Snapshot).Chunk(NamesAtOnce))
            found.AddRange(await ParseAsync(["get", "-Hp", "-o", "name,property,value", ZfsOutput.SnapshotProperties, .. chunk], ZfsOutput.Snapshots, cancel).ConfigureAwait(false));
        return found;
    }

    /// <summary>Snapshots of <paramref name="root"/> and of all below it on which the property was set to the value, never inherited, by one process.</summary>
    public async Task<IReadOnlyList<SnapshotName>> FindSnapshotsAsync(string root, string property, string value, CancellationToken cancel)
    {
        var names = new List<SnapshotName>();
        foreach (var (name, found) in await ParseAsync(
            ["get", "-Hp", .. Depth(null), "-s", "local", "-o", "name,value", ZfsArgument.Property(property), ZfsArgument.Dataset(root)], ZfsOutput.Pairs, cancel).ConfigureAwait(false))
        {
            if (found == value && SnapshotName.TryParse(name, out var snapshot))
                names.Add(snapshot);
        }
        return names;
    }

    /// <summary>Turns a clone into the filesystem that its origin branches off from; snapshots up to the origin move to it.</summary>
    public Task PromoteAsync(string clone, CancellationToken cancel) =>
        RunWhileBusyAsync(["promote", ZfsArgument.Dataset(clone)], static () => Task.FromResult<string?>(null), cancel);

    /// <summary>Renames a filesystem with all below it, inside its pool. What was mounted is mounted again.</summary>
    /// <remarks>
    /// OpenZFS sees to the mounts by itself. The rename of zfs-fuse unmounts without waiting for it, and may call the filesystem busy for ever after: there
    /// it is unmounted before.
    /// </remarks>
    public async Task RenameAsync(string dataset, string newName, CancellationToken cancel)
    {
        string[] command = ["rename", ZfsArgument.Dataset(dataset), ZfsArgument.Dataset(newName)];
        var seesToMounts = (await GetCapabilitiesAsync(cancel).ConfigureAwait(false)).ReceiveResumable;
        var mounted = seesToMounts ? [] : await MountedAsync(dataset, cancel).ConfigureAwait(false);
        foreach (var filesystem in mounted.Reverse())
            await UnmountAsync(filesystem, cancel).ConfigureAwait(false);
        await RunWhileBusyAsync(command, static () => Task.FromResult<string?>(null), cancel).ConfigureAwait(false);
        foreach (var filesystem in mounted)
            await MountAsync(newName + filesystem[dataset.Length..], cancel).ConfigureAwait(false);
    }

    /// <summary>Parents first.</summary>
    private async Task<IReadOnlyList<string>> MountedAsync(string root, CancellationToken cancel) =>
        [.. (await ListFilesystemsAsync(root, depth: null, cancel).ConfigureAwait(false)).Where(static f => f.IsMounted).Select(static f => f.Name)];
}
