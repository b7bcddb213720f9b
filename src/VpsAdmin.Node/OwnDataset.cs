using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <summary>Datasets that vpsAdmin keeps for itself on a pool, and the folders where they are mounted.</summary>
internal static class OwnDataset
{
    /// <summary>
    /// One for each pool filesystem: between the making of a filesystem and its mounting, others see one that is not mounted, and whose folder has not got its
    /// mode yet.
    /// </summary>
    private static readonly NamedGates Gates = new();

    /// <summary>The folder of <c>&lt;poolFilesystem&gt;/vpsadmin/&lt;name&gt;</c>; missing datasets are made. It has the mode, whatever interrupted its making.</summary>
    public static async Task<string> PrepareAsync(
        ZfsHost zfs, string poolFilesystem, string name, UnixFileMode mode, CancellationToken cancel)
    {
        var dataset = PoolDataset.OwnName(poolFilesystem, name);
        using var alone = await Gates.EnterAsync(poolFilesystem, cancel).ConfigureAwait(false);
        var folder = await LookAsync(zfs, dataset, cancel).ConfigureAwait(false) ?? await MakeAsync(zfs, poolFilesystem, dataset, cancel).ConfigureAwait(false);
        UnixFolder.EnsureMode(folder, mode);
        return folder;
    }

    /// <summary>Null: there is no such dataset.</summary>
    public static async Task<string?> FindAsync(ZfsHost zfs, string poolFilesystem, string name, CancellationToken cancel)
    {
        var dataset = PoolDataset.OwnName(poolFilesystem, name);
        using var alone = await Gates.EnterAsync(poolFilesystem, cancel).ConfigureAwait(false);
        return await LookAsync(zfs, dataset, cancel).ConfigureAwait(false);
    }

    private static async Task<string> MakeAsync(ZfsHost zfs, string poolFilesystem, string dataset, CancellationToken cancel)
    {
        var pool = await zfs.GetFilesystemAsync(poolFilesystem, cancel).ConfigureAwait(false);
        if (pool.Mountpoint is null)
        {
            throw new TransactionException(
                $"The pool filesystem {poolFilesystem} has no mount point, so {dataset} would have no folder. Set one: zfs set mountpoint=/DIR {poolFilesystem}");
        }

        await CreateAsync(zfs, PoolDataset.OwnName(poolFilesystem), cancel).ConfigureAwait(false);
        await CreateAsync(zfs, dataset, cancel).ConfigureAwait(false);
        return await LookAsync(zfs, dataset, cancel).ConfigureAwait(false)
            ?? throw new TransactionException($"{dataset} was made and is gone again.");
    }

    private static async Task<string?> LookAsync(ZfsHost zfs, string dataset, CancellationToken cancel)
    {
        try
        {
            var filesystem = await zfs.GetFilesystemAsync(dataset, cancel).ConfigureAwait(false);
            return filesystem is { Mountpoint: { } folder, IsMounted: true }
                ? folder
                : throw new TransactionException($"{dataset} is not mounted. Give it a mount point, or mount it: zfs mount {dataset}");
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            return null;
        }
    }

    private static async Task CreateAsync(ZfsHost zfs, string dataset, CancellationToken cancel)
    {
        try
        {
            if (!await zfs.ExistsAsync(dataset, cancel).ConfigureAwait(false))
                await zfs.CreateFilesystemAsync(dataset, properties: null, cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.AlreadyExists)
        {
            // Another transaction was faster.
        }
    }
}
