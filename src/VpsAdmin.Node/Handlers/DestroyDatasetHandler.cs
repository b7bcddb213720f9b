using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5203: destroys a filesystem with its snapshots, and on a backup pool with its trees. Other children are datasets of their own, and refused.
/// </summary>
internal sealed class DestroyDatasetHandler(ZfsHost zfs)
    : TransactionHandler<DestroyDatasetInput>(TransactionType.DestroyDataset, NodeJson.Default.DestroyDatasetInput)
{
    /// <summary>Set before anything goes, to the transaction: zfs destroys the snapshots one by one, and may fail in between.</summary>
    private const string Property = "cz.vpsfree.vpsadmin:destroying";

    /// <summary>Behind the transaction while it is only about to be unmounted, if it was mounted.</summary>
    private const string Unmounting = " unmounting";

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, DestroyDatasetInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Name(input.Filesystem, input.Dataset);
        try
        {
            await Irreversible.DestroyAsync(zfs, target, () => DestroyAsync(message, input.Filesystem, target, cancel), cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            // Destroyed when this work came the first time.
            await Irreversible.RequirePoolAsync(zfs, input.Filesystem, cancel).ConfigureAwait(false);
        }
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, DestroyDatasetInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Name(input.Filesystem, input.Dataset);
        await Irreversible.RequireAsync(zfs, target, cancel).ConfigureAwait(false);
        var (set, mark) = (await zfs.GetLocalPropertyAsync(target, Property, cancel).ConfigureAwait(false), TransactionMark.Of(message));
        if (set == mark + Unmounting)
            await MountAsync(input.Filesystem, target, cancel).ConfigureAwait(false);
        else if (set == mark)
            throw new TransactionException($"{target} is still there, but its destruction had begun: snapshots that it has no more cannot be brought back.");
    }

    /// <summary>What can stop zfs on the way is found before anything goes: who uses a file of it, a VPS that runs, a snapshot that is held.</summary>
    private async Task DestroyAsync(TransactionMessage message, string filesystem, string target, CancellationToken cancel)
    {
        var family = await zfs.ListFilesystemsAsync(target, depth: 1, cancel).ConfigureAwait(false);
        if (family.FirstOrDefault(dataset => dataset.Name != target && !PoolDataset.IsOfTree(dataset.Name, target)) is { } child)
            throw new TransactionException($"{target} has children, {child.Name} for one. Destroy them first.");
        var isMounted = family.First(dataset => dataset.Name == target).IsMounted;
        var (set, mark) = (await zfs.GetLocalPropertyAsync(target, Property, cancel).ConfigureAwait(false), TransactionMark.Of(message));
        var wasMounted = isMounted || set == mark + Unmounting;
        if (isMounted && set != mark)
            await zfs.SetPropertyAsync(target, Property, mark + Unmounting, cancel).ConfigureAwait(false);
        try
        {
            await new NestedDataset(zfs).WhileUnmountedAsync(filesystem, target, () => DestroyUnmountedAsync(message, target, cancel), cancel).ConfigureAwait(false);
        }
        catch (Exception exception) when (wasMounted && exception is (TransactionException or ZfsException { Failure: not ZfsFailure.NotFound }))
        {
            await MountAgainAsync(filesystem, target, exception, cancel).ConfigureAwait(false);
            throw;
        }
    }

    /// <exception cref="TransactionException">It cannot be mounted: both failures.</exception>
    private async Task MountAgainAsync(string filesystem, string target, Exception failure, CancellationToken cancel)
    {
        try
        {
            await new NestedDataset(zfs).MountAsync(filesystem, target, cancel).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransactionException or ZfsException)
        {
            throw new TransactionException($"{failure.Message} And {target} is not mounted: {exception.Message}", exception);
        }
    }

    /// <summary>Of what was only unmounted: it is as it was before.</summary>
    private async Task MountAsync(string filesystem, string target, CancellationToken cancel)
    {
        await new NestedDataset(zfs).MountAsync(filesystem, target, cancel).ConfigureAwait(false);
        await zfs.InheritPropertyAsync(target, Property, cancel).ConfigureAwait(false);
    }

    private async Task DestroyUnmountedAsync(TransactionMessage message, string target, CancellationToken cancel)
    {
        if ((await zfs.ListSnapshotsAsync(target, depth: null, cancel).ConfigureAwait(false)).FirstOrDefault(static s => s.Holds > 0) is { } held)
            throw new TransactionException($"{held.Name} is held. 'zfs holds {held.Name}' lists the holds, 'zfs release' ends one.");
        await zfs.SetPropertyAsync(target, Property, TransactionMark.Of(message), cancel).ConfigureAwait(false);
        await zfs.DestroyRecursivelyAsync(target, cancel).ConfigureAwait(false);
    }
}
