using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>5212: destroys one snapshot.</summary>
internal sealed class DestroySnapshotHandler(ZfsHost zfs)
    : TransactionHandler<DestroySnapshotInput>(TransactionType.DestroySnapshot, NodeJson.Default.DestroySnapshotInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, DestroySnapshotInput input, CancellationToken cancel)
    {
        var snapshot = PoolDataset.Snapshot(input.Filesystem, input.Dataset, input.Snapshot);
        try
        {
            await zfs.DestroyAsync(snapshot.ToString(), cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            // Destroyed when this work came the first time, or by hand: what was wanted is so.
            await Irreversible.RequirePoolAsync(zfs, input.Filesystem, cancel).ConfigureAwait(false);
        }
        return null;
    }

    protected override Task RollbackAsync(TransactionMessage message, DestroySnapshotInput input, CancellationToken cancel) =>
        Irreversible.RequireAsync(zfs, PoolDataset.Snapshot(input.Filesystem, input.Dataset, input.Snapshot).ToString(), cancel);
}
