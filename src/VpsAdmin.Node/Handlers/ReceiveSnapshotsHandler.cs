using System.Text.Json.Nodes;
using VpsAdmin.Node.Sending;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// 5220: has the node await snapshots from another node. It is done when they may come; they are sent by 5221, and 5222 ends it. Undoing takes back what
/// has come.
/// </summary>
internal sealed class ReceiveSnapshotsHandler(ZfsHost zfs, AwaitedTransfers awaited, ReceivingConversations conversations)
    : TransactionHandler<ReceiveSnapshotsInput>(TransactionType.ReceiveSnapshots, NodeJson.Default.ReceiveSnapshotsInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, ReceiveSnapshotsInput input, CancellationToken cancel)
    {
        var target = Check(input);
        StreamCredentials.SecretOf(input.Credential.Secret);
        using (StreamCredentials.CertificateOf(input.Credential))
        {
            // It can be read: better known now than when somebody connects.
        }
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
        // The base is none of them: it stays, whatever happens (vpsAdmin b3e0e8a78).
        await target.TakeBackAsync(input.Snapshots, made: input.FromSnapshot is null, cancel).ConfigureAwait(false);
    }

    private SendTarget Check(ReceiveSnapshotsInput input)
    {
        StreamCredentials.CheckName(input.Transfer);
        SentSnapshots.Check(input.Filesystem, input.Dataset, input.FromSnapshot, input.Snapshots);
        return new SendTarget(zfs, input.Target);
    }
}
