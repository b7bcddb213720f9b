using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5203: destroys a filesystem with its snapshots, and on a backup pool with its trees. Other children are datasets of their own, and refused.
/// </summary>
internal sealed class DestroyDatasetHandler(ZfsHost zfs)
    : TransactionHandler<DestroyDatasetInput>(TransactionType.DestroyDataset, NodeJson.Default.DestroyDatasetInput)
{
    /// <summary>Set before anything goes, to the transaction: zfs destroys the snapshots one by one, and may then find the filesystem busy.</summary>
    private const string Property = "cz.vpsfree.vpsadmin:destroying";

    /// <summary>What the name of a tree of backups begins with; no dataset of a user has such a name.</summary>
    private const string Tree = "tree.";

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, DestroyDatasetInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Name(input.Filesystem, input.Dataset);
        try
        {
            var family = await zfs.ListFilesystemsAsync(target, depth: 1, cancel).ConfigureAwait(false);
            if (family.FirstOrDefault(dataset => dataset.Name != target && !dataset.Name[(target.Length + 1)..].StartsWith(Tree, StringComparison.Ordinal)) is { } child)
                throw new TransactionException($"{target} has children, {child.Name} for one. Destroy them first.");
            await zfs.SetPropertyAsync(target, Property, TransactionMark.Of(message), cancel).ConfigureAwait(false);
            await DestroyAsync(input.Filesystem, family.First(dataset => dataset.Name == target), cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            // Destroyed when this work came the first time.
        }
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, DestroyDatasetInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Name(input.Filesystem, input.Dataset);
        await Irreversible.RequireAsync(zfs, target, cancel).ConfigureAwait(false);
        if (await zfs.GetLocalPropertyAsync(target, Property, cancel).ConfigureAwait(false) == TransactionMark.Of(message))
            throw new TransactionException($"{target} is still there, but its destruction had begun: snapshots that it has no more cannot be brought back.");
    }

    private async Task DestroyAsync(string filesystem, ZfsDataset target, CancellationToken cancel)
    {
        try
        {
            await zfs.DestroyRecursivelyAsync(target.Name, cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure != ZfsFailure.NotFound && target.IsMounted)
        {
            // zfs unmounts before it sees that it cannot destroy. A VPS that runs has mounts of its own.
            await new NestedDataset(zfs).MountAsync(filesystem, target.Name, cancel).ConfigureAwait(false);
            throw;
        }
    }
}
