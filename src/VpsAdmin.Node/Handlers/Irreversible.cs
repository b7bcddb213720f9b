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

    /// <summary>Does what destroys snapshots one by one; where it fails, the server is told which are left.</summary>
    /// <exception cref="TransactionException">It failed.</exception>
    public static async Task DestroyAsync(ZfsHost zfs, string dataset, Func<Task> destroy, CancellationToken cancel)
    {
        try
        {
            await destroy().ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure != ZfsFailure.NotFound)
        {
            var left = await zfs.ListSnapshotsAsync(dataset, depth: null, cancel).ConfigureAwait(false);
            throw new TransactionException(exception.Message, exception)
            {
                Output = JsonSerializer.SerializeToNode(new SnapshotsLeft([.. left.Select(static s => s.Name.Name)]), NodeJson.Default.SnapshotsLeft),
            };
        }
    }
}
