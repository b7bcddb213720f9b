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

    /// <summary>Takes a property's own value away: it has its parent's from then on, or the default.</summary>
    public Task InheritPropertyAsync(string dataset, string property, CancellationToken cancel) =>
        _zfs.RunAsync(["inherit", ZfsArgument.Property(property), ZfsArgument.Dataset(dataset)], cancel);

    /// <summary>The properties that are set on the dataset itself, user properties among them.</summary>
    public async Task<IReadOnlyDictionary<string, string>> GetLocalPropertiesAsync(string dataset, CancellationToken cancel)
    {
        var rows = await _zfs.RunAsync(
            ["get", "-Hp", "-s", "local", "-o", "property,value", "all", ZfsArgument.Dataset(dataset)], cancel).ConfigureAwait(false);
        return rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static row => row.Split('\t', 2))
            .Where(static fields => fields.Length == 2).ToDictionary(static fields => fields[0], static fields => fields[1]);
    }
}
