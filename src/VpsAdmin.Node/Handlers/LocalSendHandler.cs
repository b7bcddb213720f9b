using System.Text.Json.Nodes;
using VpsAdmin.Node.Sending;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>5223: sends snapshots to another pool of this node. Delivered again it goes on behind what has arrived.</summary>
internal sealed class LocalSendHandler(ZfsHost zfs, TimeProvider time)
    : TransactionHandler<LocalSendInput>(TransactionType.LocalSend, NodeJson.Default.LocalSendInput)
{
    private readonly TargetNotes _notes = new(zfs, time);

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, LocalSendInput input, CancellationToken cancel)
    {
        var (source, target) = Check(input);
        if (await _notes.FindAsync(message, input.TargetFilesystem, target.Dataset, cancel).ConfigureAwait(false) is null)
            await _notes.WriteAsync(message, input.TargetFilesystem, target.Dataset, await target.BeforeAsync(input.FromSnapshot, time, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        var newest = (await target.NewestAsync(cancel).ConfigureAwait(false))?.Name.Name;
        if (newest is null)
        {
            if (input.FromSnapshot is not null)
                throw new TransactionException($"{target.Dataset} has no snapshot {input.FromSnapshot} to go on from.");
            await target.PrepareParentsAsync(input.TargetFilesystem, cancel).ConfigureAwait(false);
            await SendAsync(source, target.Dataset, from: null, input.Snapshots[0], cancel).ConfigureAwait(false);
            newest = input.Snapshots[0];
        }
        else if (newest != input.FromSnapshot && !input.Snapshots.Contains(newest))
        {
            // Nothing is forced: an increment onto anything else would destroy what is newer.
            throw new TransactionException($"The newest snapshot of {target.Dataset} is {newest}, which is not where this transfer goes on.");
        }

        if (newest != input.Snapshots[^1])
            await SendAsync(source, target.Dataset, newest, input.Snapshots[^1], cancel).ConfigureAwait(false);
        await target.RequireAsync(input.Snapshots, cancel).ConfigureAwait(false);
        if (input.Mount)
            await new NestedDataset(zfs).MountReceivedAsync(input.TargetFilesystem, target.Dataset, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, LocalSendInput input, CancellationToken cancel)
    {
        var (_, target) = Check(input);
        if (await _notes.FindAsync(message, input.TargetFilesystem, target.Dataset, cancel).ConfigureAwait(false) is not { } before)
            return;
        await target.TakeBackAsync(input.Snapshots, before, cancel).ConfigureAwait(false);
        await _notes.RemoveAsync(message, input.TargetFilesystem, target.Dataset, cancel).ConfigureAwait(false);
    }

    private async Task SendAsync(string source, string target, string? from, string snapshot, CancellationToken cancel)
    {
        var sent = await zfs.GetSnapshotAsync(new SnapshotName(source, snapshot), cancel).ConfigureAwait(false);
        await SendPair.RunAsync(zfs, sent, from, target, new ReceiveOptions(Force: from is not null), cancel).ConfigureAwait(false);
    }

    private (string Source, SendTarget Target) Check(LocalSendInput input)
    {
        SentSnapshots.Check(input.Filesystem, input.Dataset, input.FromSnapshot, input.Snapshots);
        SentSnapshots.Check(input.TargetFilesystem, input.TargetDataset, input.FromSnapshot, input.Snapshots);
        return (PoolDataset.Name(input.Filesystem, input.Dataset), new SendTarget(zfs, PoolDataset.Name(input.TargetFilesystem, input.TargetDataset)));
    }
}
