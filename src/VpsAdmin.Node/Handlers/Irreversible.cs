using System.Text.Json;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>What a rollback of destruction can say: nothing was lost yet, or it cannot be brought back.</summary>
internal static class Irreversible
{
    /// <exception cref="TransactionException">It is gone.</exception>
    public static async Task RequireAsync(ZfsHost zfs, string datasetOrSnapshot, CancellationToken cancel)
    {
        if (!await zfs.ExistsAsync(datasetOrSnapshot, cancel).ConfigureAwait(false))
            throw new TransactionException($"{datasetOrSnapshot} is destroyed and cannot be brought back.");
    }

    /// <summary>For where something was not found that was to be destroyed. With its whole pool away it is not destroyed: it would be forgotten there.</summary>
    /// <exception cref="TransactionException">The pool is not there.</exception>
    public static async Task RequirePoolAsync(ZfsHost zfs, string filesystem, CancellationToken cancel)
    {
        if (!await zfs.ExistsAsync(filesystem, cancel).ConfigureAwait(false))
            throw new TransactionException($"The pool's filesystem {filesystem} is not there, so that nothing on it can be destroyed. Import the pool; or, if it is lost for good, create an empty filesystem of this name.");
    }

    /// <summary>
    /// Does what destroys snapshots one by one; where it fails, the server is told which are left. Also where nothing was destroyed: that was an earlier delivery's doing, perhaps.
    /// </summary>
    /// <exception cref="TransactionException">It failed.</exception>
    public static async Task DestroyAsync(ZfsHost zfs, string dataset, Func<Task> destroy, CancellationToken cancel)
    {
        try
        {
            await destroy().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransactionException or ZfsException { Failure: not ZfsFailure.NotFound })
        {
            var left = await LeftAsync(zfs, dataset, cancel).ConfigureAwait(false);
            throw new TransactionException(left is null ? $"{exception.Message} Which snapshots are left is not known: 'vpsadmin-server check' compares them with the database." : exception.Message, exception)
            {
                Output = left is null ? null : JsonSerializer.SerializeToNode(left, NodeJson.Default.SnapshotsLeft),
            };
        }
    }

    /// <returns>Null: it cannot be told, as of a pool that hangs, or is no longer there.</returns>
    private static async Task<SnapshotsLeft?> LeftAsync(ZfsHost zfs, string dataset, CancellationToken cancel)
    {
        try
        {
            var left = await zfs.ListSnapshotsAsync(dataset, depth: null, cancel).ConfigureAwait(false);
            // Datasets below it are others', with snapshots of the same names.
            return new([.. left.Select(static s => s.Name).Where(name => name.Dataset == dataset || PoolDataset.IsOfTree(name.Dataset, dataset)).Select(static name => name.Name)]);
        }
        catch (ZfsException)
        {
            return null;
        }
    }
}
