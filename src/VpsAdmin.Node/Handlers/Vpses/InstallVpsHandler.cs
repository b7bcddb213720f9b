using System.Text.Json.Nodes;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers.Vpses;

/// <summary>
/// 3001: makes a system in the VPS's root filesystem. What is there already is only replaced where a snapshot of it was taken before, and comes back from
/// it when this is undone. Datasets below it stay as they are, and are in the new system where they were in the old one.
/// </summary>
internal sealed class InstallVpsHandler(ZfsHost zfs, VpsHomes homes, IVpsRuntime runtime)
    : TransactionHandler<InstallVpsInput>(TransactionType.InstallVps, NodeJson.Default.InstallVpsInput)
{
    /// <summary>Whose system is being made in a dataset, or was.</summary>
    public const string Property = "cz.vpsfree.vpsadmin:install";

    private const string Done = "/done";

    private readonly NestedDataset _nested = new(zfs);

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, InstallVpsInput input, CancellationToken cancel)
    {
        var (dataset, mark) = (PoolDataset.Name(input.Place.Filesystem, input.Place.Dataset), TransactionMark.Of(message));
        var noted = await zfs.GetLocalPropertyAsync(dataset, Property, cancel).ConfigureAwait(false);
        if (noted == mark + Done)
            return null;
        var root = await homes.RootAsync(input.Place, cancel).ConfigureAwait(false);
        if (noted != mark)
        {
            await CheckAsync(dataset, root, input.Replace, cancel).ConfigureAwait(false);
            await zfs.SetPropertyAsync(dataset, Property, mark, cancel).ConfigureAwait(false);
        }
        await _nested.UnmountBelowAsync(dataset, root, cancel).ConfigureAwait(false);
        Empty(root);
        await runtime.InstallAsync(input.Template, root, cancel).ConfigureAwait(false);
        await _nested.MountBelowAsync(input.Place.Filesystem, dataset, cancel).ConfigureAwait(false);
        await zfs.SetPropertyAsync(dataset, Property, mark + Done, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, InstallVpsInput input, CancellationToken cancel)
    {
        var (dataset, mark) = (PoolDataset.Name(input.Place.Filesystem, input.Place.Dataset), TransactionMark.Of(message));
        if (!await zfs.ExistsAsync(dataset, cancel).ConfigureAwait(false)
            || await zfs.GetLocalPropertyAsync(dataset, Property, cancel).ConfigureAwait(false) is not { } noted || (noted != mark && noted != mark + Done))
            return;
        var root = await homes.RootAsync(input.Place, cancel).ConfigureAwait(false);
        await _nested.UnmountBelowAsync(dataset, root, cancel).ConfigureAwait(false);
        if (input.Replace)
            await zfs.RollbackToNewestAsync(await NewestAsync(dataset, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        else
            Empty(root);
        await _nested.MountBelowAsync(input.Place.Filesystem, dataset, cancel).ConfigureAwait(false);
        await zfs.InheritPropertyAsync(dataset, Property, cancel).ConfigureAwait(false);
    }

    private async Task CheckAsync(string dataset, string root, bool replace, CancellationToken cancel)
    {
        if (replace)
            await NewestAsync(dataset, cancel).ConfigureAwait(false);
        else if (Directory.EnumerateFileSystemEntries(root).Any())
            throw new TransactionException($"There are files in {dataset} already.");
    }

    private async Task<SnapshotName> NewestAsync(string dataset, CancellationToken cancel) =>
        await zfs.ListSnapshotsAsync(dataset, depth: 0, cancel).ConfigureAwait(false) is [.., var newest]
            ? newest.Name
            : throw new TransactionException($"{dataset} has no snapshot, so that what is in it would be lost.");

    /// <remarks>The VPS does not run, and links are not followed: nothing else is reached.</remarks>
    private static void Empty(string root)
    {
        foreach (var entry in new DirectoryInfo(root).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }
    }
}
