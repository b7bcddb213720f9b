using System.Text.Json.Nodes;
using VpsAdmin.Node.Sending;
using VpsAdmin.Node.Streams;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>5222: sees that all snapshots of a transfer are there, and awaits it no longer. Undoing is 5220's.</summary>
internal sealed class CheckReceivedHandler(ZfsHost zfs, AwaitedTransfers awaited, ReceivingConversations conversations)
    : TransactionHandler<CheckReceivedInput>(TransactionType.CheckReceived, NodeJson.Default.CheckReceivedInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, CheckReceivedInput input, CancellationToken cancel)
    {
        StreamCredentials.CheckName(input.Transfer);
        SentSnapshots.Check(input.Filesystem, input.Dataset, fromSnapshot: null, input.Snapshots);
        await new SendTarget(zfs, input.Target).RequireAsync(input.Snapshots, cancel).ConfigureAwait(false);
        await awaited.RemoveAsync(input.Filesystem, input.Transfer, cancel).ConfigureAwait(false);
        await conversations.StopAsync(input.Transfer, cancel).ConfigureAwait(false);
        if (input.Mount)
            await new NestedDataset(zfs).MountReceivedAsync(input.Filesystem, input.Target, cancel).ConfigureAwait(false);
        return null;
    }

    protected override Task RollbackAsync(TransactionMessage message, CheckReceivedInput input, CancellationToken cancel) => Task.CompletedTask;
}
