using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5211: puts a restored filesystem (5209) in the place of the present one: its settings and the datasets below move over, it steps aside, the
/// restored one gets its name, and only then it is destroyed. Each step finds whether the one before was done, so that a node that died goes on.
/// </summary>
internal sealed class ApplyRollbackHandler(ZfsHost zfs)
    : TransactionHandler<ApplyRollbackInput>(TransactionType.ApplyRollback, NodeJson.Default.ApplyRollbackInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, ApplyRollbackInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Snapshot(input.Filesystem, input.Dataset, input.Snapshot);
        var restored = RestoredDataset.Name(input.Filesystem, input.Key);
        var replaced = RestoredDataset.Replaced(input.Filesystem, input.Key);
        if (await zfs.ExistsAsync(restored, cancel).ConfigureAwait(false))
        {
            if (await zfs.ExistsAsync(target.Dataset, cancel).ConfigureAwait(false))
            {
                await PrepareAsync(target.Dataset, restored, input.Known, cancel).ConfigureAwait(false);
                await zfs.RenameAsync(target.Dataset, replaced, cancel).ConfigureAwait(false);
            }
            await RenameUnmountedAsync(restored, target.Dataset, cancel).ConfigureAwait(false);
        }
        else if (!await zfs.ExistsAsync(target.ToString(), cancel).ConfigureAwait(false))
            throw new TransactionException($"{restored}, which was to become {target.Dataset}, does not exist.");

        await MountAsync(input.Filesystem, target.Dataset, cancel).ConfigureAwait(false);
        if (await zfs.ExistsAsync(replaced, cancel).ConfigureAwait(false))
            await zfs.DestroyRecursivelyAsync(replaced, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, ApplyRollbackInput input, CancellationToken cancel)
    {
        // Irreversible once the restored filesystem is in place; until then the present one comes back, and what moved out of it.
        var target = PoolDataset.Name(input.Filesystem, input.Dataset);
        var replaced = RestoredDataset.Replaced(input.Filesystem, input.Key);
        if (!await zfs.ExistsAsync(target, cancel).ConfigureAwait(false) && await zfs.ExistsAsync(replaced, cancel).ConfigureAwait(false))
            await RenameUnmountedAsync(replaced, target, cancel).ConfigureAwait(false);
        await Irreversible.RequireAsync(zfs, target, cancel).ConfigureAwait(false);
        var restored = RestoredDataset.Name(input.Filesystem, input.Key);
        if (!await zfs.ExistsAsync(restored, cancel).ConfigureAwait(false))
            throw new TransactionException($"{target} is rolled back, and what was in it before cannot be brought back.");
        await MountAsync(input.Filesystem, target, cancel).ConfigureAwait(false);
        await MoveChildrenAsync(restored, target, cancel).ConfigureAwait(false);
        // A node that died while it renamed one of them left that one unmounted.
        await MountAsync(input.Filesystem, target, cancel).ConfigureAwait(false);
    }

    private async Task PrepareAsync(string dataset, string restored, IReadOnlyList<string> known, CancellationToken cancel)
    {
        var snapshots = await zfs.ListSnapshotsAsync(dataset, depth: 0, cancel).ConfigureAwait(false);
        if (snapshots.FirstOrDefault(s => !known.Contains(s.Name.Name)) is { } stranger)
            throw new TransactionException($"{stranger.Name} would be lost and the server does not know it. Destroy or rename it, and roll back again.");
        if (snapshots.FirstOrDefault(static s => s.Holds > 0) is { } held)
            throw new TransactionException($"{held.Name} is held. 'zfs holds {held.Name}' lists the holds, 'zfs release' ends one.");

        foreach (var (property, value) in await zfs.GetLocalPropertiesAsync(dataset, cancel).ConfigureAwait(false))
            await zfs.SetPropertyAsync(restored, property, value, cancel).ConfigureAwait(false);
        await MoveChildrenAsync(dataset, restored, cancel).ConfigureAwait(false);
    }

    private async Task MoveChildrenAsync(string from, string to, CancellationToken cancel)
    {
        foreach (var child in (await zfs.ListFilesystemsAsync(from, depth: 1, cancel).ConfigureAwait(false)).Where(child => child.Name != from))
            await RenameUnmountedAsync(child.Name, to + child.Name[from.Length..], cancel).ConfigureAwait(false);
    }

    /// <summary>Renaming mounts what was mounted, whatever links are in the way of its new place.</summary>
    private async Task RenameUnmountedAsync(string dataset, string name, CancellationToken cancel)
    {
        foreach (var filesystem in (await zfs.ListFilesystemsAsync(dataset, depth: null, cancel).ConfigureAwait(false)).Reverse())
            await zfs.UnmountAsync(filesystem.Name, cancel).ConfigureAwait(false);
        await zfs.RenameAsync(dataset, name, cancel).ConfigureAwait(false);
    }

    /// <summary>With what is below it: a node that died may have left it unmounted.</summary>
    /// <remarks>A link that the VPS had where a dataset is now is what was asked to come back: that dataset waits, unmounted, until the link is gone.</remarks>
    private async Task MountAsync(string pool, string dataset, CancellationToken cancel)
    {
        foreach (var filesystem in await zfs.ListFilesystemsAsync(dataset, depth: null, cancel).ConfigureAwait(false))
            await new NestedDataset(zfs).TryMountAsync(pool, filesystem.Name, cancel).ConfigureAwait(false);
    }
}
