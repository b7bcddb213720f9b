using System.Text.Json.Nodes;
using VpsAdmin.Node.Sending;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5209: receives a snapshot from a backup beside the filesystem that it is of, into vpsAdmin's own part of the pool. The filesystem
/// itself is not touched yet.
/// </summary>
internal sealed class PrepareRollbackHandler(ZfsHost zfs)
    : TransactionHandler<PrepareRollbackInput>(TransactionType.PrepareRollback, NodeJson.Default.PrepareRollbackInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, PrepareRollbackInput input, CancellationToken cancel)
    {
        var backup = PoolDataset.Snapshot(input.BackupFilesystem, input.BackupDataset, input.Snapshot);
        var target = RestoredDataset.Name(input.Filesystem, input.Key);
        if (await zfs.ExistsAsync($"{target}@{input.Snapshot}", cancel).ConfigureAwait(false))
            return null;
        await DropAsync(target, cancel).ConfigureAwait(false);
        await RestoredDataset.PrepareAreaAsync(zfs, input.Filesystem, cancel).ConfigureAwait(false);
        var sent = await zfs.GetSnapshotAsync(backup, cancel).ConfigureAwait(false);
        await SendPair.RunAsync(zfs, sent, fromSnapshot: null, target, new ReceiveOptions(Unmounted: false), cancel).ConfigureAwait(false);
        return null;
    }

    protected override Task RollbackAsync(TransactionMessage message, PrepareRollbackInput input, CancellationToken cancel) =>
        DropAsync(RestoredDataset.Name(input.Filesystem, input.Key), cancel);

    private async Task DropAsync(string target, CancellationToken cancel)
    {
        // Children in it are the ones of the present filesystem: a rollback that was being applied must go on, not back.
        if (!await zfs.ExistsAsync(target, cancel).ConfigureAwait(false))
            return;
        if ((await zfs.ListFilesystemsAsync(target, depth: 1, cancel).ConfigureAwait(false)).Count > 1)
            throw new TransactionException($"{target} holds datasets that were moved into it.");
        await zfs.DestroyRecursivelyAsync(target, cancel).ConfigureAwait(false);
    }
}
