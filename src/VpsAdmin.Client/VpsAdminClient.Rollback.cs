namespace VpsAdmin.Client;

public sealed partial class VpsAdminClient
{
    /// <summary>Takes the dataset back to the snapshot: everything after it is lost on the server, and later snapshots get another history id or go.</summary>
    public async Task<Started<bool>> RollbackAsync(long datasetId, long snapshotId, CancellationToken cancel)
    {
        var reply = await Api.CallAsync("dataset.snapshot#rollback", [datasetId, snapshotId], null, null, cancel).ConfigureAwait(false);
        return new Started<bool>(true, reply.ActionStateId);
    }
}
