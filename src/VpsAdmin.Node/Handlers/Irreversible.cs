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
}
