using System.Globalization;
using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>5201: makes a filesystem, and the parents that it lacks. A dataset that somebody else made is never adopted.</summary>
internal sealed class CreateDatasetHandler(ZfsHost zfs)
    : TransactionHandler<CreateDatasetInput>(TransactionType.CreateDataset, NodeJson.Default.CreateDatasetInput)
{
    private readonly NestedDataset _nested = new(zfs);

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, CreateDatasetInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Name(input.Filesystem, input.Dataset);
        if (input.Quota is <= 0)
            throw new TransactionException($"{target} cannot have a quota of {input.Quota} bytes.");
        var mark = TransactionMark.Of(message);

        foreach (var parent in Below(input.Filesystem, target).SkipLast(1))
            await CreateParentAsync(input.Filesystem, parent, mark, cancel).ConfigureAwait(false);

        if (await zfs.ExistsAsync(target, cancel).ConfigureAwait(false))
        {
            if (!await IsMineAsync(target, mark, cancel).ConfigureAwait(false))
                throw new TransactionException($"{target} exists already and was not made by this transaction.");
            if (NestedDataset.IsNested(input.Filesystem, target))
                await _nested.MountAsync(input.Filesystem, target, cancel).ConfigureAwait(false);
            return null;
        }
        var properties = new Dictionary<string, string> { [TransactionMark.Property] = mark };
        if (input.Quota is { } quota)
            properties["quota"] = quota.ToString(CultureInfo.InvariantCulture);
        await CreateAsync(input.Filesystem, target, properties, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, CreateDatasetInput input, CancellationToken cancel)
    {
        var target = PoolDataset.Name(input.Filesystem, input.Dataset);
        var mark = TransactionMark.Of(message);
        string? destroyed = null;
        foreach (var dataset in Below(input.Filesystem, target).Reverse())
        {
            if (!await zfs.ExistsAsync(dataset, cancel).ConfigureAwait(false))
                continue;
            if (!await IsMineAsync(dataset, mark, cancel).ConfigureAwait(false))
                return;
            var use = await UseAsync(dataset, destroyed, cancel).ConfigureAwait(false);
            // A parent may have got other children since; they keep it.
            if (use is not null && dataset != target)
                return;
            if (use is not null)
                throw new TransactionException($"{target} is not undone: {use}.");
            destroyed = (await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false)).Mountpoint;
            await zfs.DestroyAsync(dataset, cancel).ConfigureAwait(false);
        }
    }

    private async Task CreateParentAsync(string filesystem, string parent, string mark, CancellationToken cancel)
    {
        if (await zfs.ExistsAsync(parent, cancel).ConfigureAwait(false))
            return;
        try
        {
            var properties = new Dictionary<string, string> { [TransactionMark.Property] = mark };
            await CreateAsync(filesystem, parent, properties, cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.AlreadyExists)
        {
            // A sibling's transaction was faster: its mark is on it, and its rollback leaves it while it has children.
        }
    }

    private Task CreateAsync(string filesystem, string dataset, Dictionary<string, string> properties, CancellationToken cancel) =>
        NestedDataset.IsNested(filesystem, dataset) ? _nested.CreateAsync(filesystem, dataset, properties, cancel) : zfs.CreateFilesystemAsync(dataset, properties, cancel);

    private async Task<bool> IsMineAsync(string dataset, string mark, CancellationToken cancel) =>
        await zfs.GetLocalPropertyAsync(dataset, TransactionMark.Property, cancel).ConfigureAwait(false) == mark;

    /// <summary>What is in a dataset that destroying it would lose; null: nothing.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="goneMountpoint">Where a child just destroyed was mounted: the folder may outlive it for a moment (zfs-fuse).</param>
    private async Task<string?> UseAsync(string dataset, string? goneMountpoint, CancellationToken cancel)
    {
        if ((await zfs.ListFilesystemsAsync(dataset, depth: 1, cancel).ConfigureAwait(false)).Count > 1)
            return "it has children";
        if ((await zfs.ListSnapshotsAsync(dataset, depth: 0, cancel).ConfigureAwait(false)).Count > 0)
            return "it has snapshots";
        var filesystem = await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false);
        return filesystem is { IsMounted: true, Mountpoint: { } folder }
            && Directory.EnumerateFileSystemEntries(folder).Any(entry => entry != goneMountpoint)
            ? "there are files in it"
            : null;
    }

    /// <summary>The datasets on the way from a pool filesystem down to a dataset, that one last.</summary>
    private static IEnumerable<string> Below(string filesystem, string dataset)
    {
        for (var end = dataset.IndexOf('/', filesystem.Length + 1); end > 0; end = dataset.IndexOf('/', end + 1))
            yield return dataset[..end];
        yield return dataset;
    }
}
