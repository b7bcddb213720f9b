using System.Text.Json.Nodes;
using VpsAdmin.Node.Sending;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5220: has the node await snapshots from another node. It is done when they may come; they are sent by 5221, and 5222 ends it. Undoing takes back what
/// has come, and nothing that was there before.
/// </summary>
internal sealed class ReceiveSnapshotsHandler(ZfsHost zfs, AwaitedTransfers awaited, ReceivingConversations conversations, TimeProvider time)
    : TransactionHandler<ReceiveSnapshotsInput>(TransactionType.ReceiveSnapshots, NodeJson.Default.ReceiveSnapshotsInput)
{
    private readonly TargetNotes _notes = new(zfs, time);

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, ReceiveSnapshotsInput input, CancellationToken cancel)
    {
        var target = Check(input);
        StreamCredentials.SecretOf(input.Credential.Secret);
        using (StreamCredentials.CertificateOf(input.Credential))
        {
            // It can be read: better known now than when somebody connects.
        }
        if (await _notes.FindAsync(message, input.Filesystem, target.Dataset, cancel).ConfigureAwait(false) is null)
            await _notes.WriteAsync(message, input.Filesystem, target.Dataset, await target.BeforeAsync(input.FromSnapshot, time, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        if (input.RestoreKey is not null)
            await RestoredDataset.PrepareAreaAsync(zfs, input.Filesystem, cancel).ConfigureAwait(false);
        else if (input.FromSnapshot is null)
            await target.PrepareParentsAsync(input.Filesystem, cancel).ConfigureAwait(false);
        var transfer = new AwaitedTransfer(input.Transfer, target.Dataset, input.FromSnapshot, input.Snapshots, input.Credential);
        await awaited.AddAsync(input.Filesystem, transfer, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, ReceiveSnapshotsInput input, CancellationToken cancel)
    {
        var target = Check(input);
        await awaited.RemoveAsync(input.Filesystem, input.Transfer, cancel).ConfigureAwait(false);
        await conversations.StopAsync(input.Transfer, cancel).ConfigureAwait(false);
        if (await _notes.FindAsync(message, input.Filesystem, target.Dataset, cancel).ConfigureAwait(false) is not { } before)
            return;
        await target.TakeBackAsync(input.Snapshots, before, cancel).ConfigureAwait(false);
        await _notes.RemoveAsync(message, input.Filesystem, target.Dataset, cancel).ConfigureAwait(false);
    }

    private SendTarget Check(ReceiveSnapshotsInput input)
    {
        StreamCredentials.CheckName(input.Transfer);
        SentSnapshots.Check(input.Filesystem, input.Dataset, input.FromSnapshot, input.Snapshots);
        return new SendTarget(zfs, input.Target);
    }
}
