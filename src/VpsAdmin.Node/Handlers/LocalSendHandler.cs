using System.Text.Json.Nodes;
using VpsAdmin.Node.Sending;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>5223: sends snapshots to another pool of this node. Delivered again it goes on behind what has arrived.</summary>
internal sealed class LocalSendHandler(ZfsHost zfs)
    : TransactionHandler<LocalSendInput>(TransactionType.LocalSend, NodeJson.Default.LocalSendInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, LocalSendInput input, CancellationToken cancel)
    {
        var (source, target) = Check(input);
        var newest = await NewestAsync(target, cancel).ConfigureAwait(false);
        if (newest is null)
        {
            if (input.FromSnapshot is not null)
                throw new TransactionException($"{target} has no snapshot {input.FromSnapshot} to go on from.");
            await PrepareParentsAsync(input.TargetFilesystem, target, cancel).ConfigureAwait(false);
            await SendAsync(source, target, from: null, input.Snapshots[0], cancel).ConfigureAwait(false);
            newest = input.Snapshots[0];
        }
        else if (newest != input.FromSnapshot && !input.Snapshots.Contains(newest))
        {
            // Nothing is forced: an increment onto anything else would destroy what is newer.
            throw new TransactionException($"The newest snapshot of {target} is {newest}, which is not where this transfer goes on.");
        }

        if (newest != input.Snapshots[^1])
            await SendAsync(source, target, newest, input.Snapshots[^1], cancel).ConfigureAwait(false);
        await RequireAllAsync(target, input.Snapshots, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, LocalSendInput input, CancellationToken cancel)
    {
        var (_, target) = Check(input);
        // The base is none of them: it stays, whatever happens (vpsAdmin b3e0e8a78).
        foreach (var snapshot in (await ArrivedAsync(target, cancel).ConfigureAwait(false)).Reverse().Where(input.Snapshots.Contains))
            await DestroyAsync($"{target}@{snapshot}", cancel).ConfigureAwait(false);
        if (input.FromSnapshot is null)
            await DestroyAsync(target, cancel).ConfigureAwait(false);
    }

    /// <summary>Names, oldest first; none when the filesystem is not there.</summary>
    /// <remarks>zfs-fuse takes the partial filesystem of a failed receive back by itself, a moment later: it may go while it is looked at.</remarks>
    private async Task<IEnumerable<string>> ArrivedAsync(string target, CancellationToken cancel)
    {
        try
        {
            return (await zfs.ListSnapshotsAsync(target, depth: 0, cancel).ConfigureAwait(false)).Select(static s => s.Name.Name);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            return [];
        }
    }

    private async Task DestroyAsync(string datasetOrSnapshot, CancellationToken cancel)
    {
        try
        {
            await zfs.DestroyAsync(datasetOrSnapshot, cancel).ConfigureAwait(false);
        }
        catch (ZfsException exception) when (exception.Failure == ZfsFailure.NotFound)
        {
            // Gone, as it should be.
        }
    }

    private async Task SendAsync(string source, string target, string? from, string snapshot, CancellationToken cancel)
    {
        var sent = await zfs.GetSnapshotAsync(new SnapshotName(source, snapshot), cancel).ConfigureAwait(false);
        await SendPair.RunAsync(zfs, sent, from, target, new ReceiveOptions(Force: from is not null), cancel).ConfigureAwait(false);
    }

    /// <summary>Null: there is no such filesystem.</summary>
    private async Task<string?> NewestAsync(string dataset, CancellationToken cancel)
    {
        if (!await zfs.ExistsAsync(dataset, cancel).ConfigureAwait(false))
            return null;
        var snapshots = await zfs.ListSnapshotsAsync(dataset, depth: 0, cancel).ConfigureAwait(false);
        return snapshots.Count > 0 ? snapshots[^1].Name.Name : throw new TransactionException($"{dataset} is there without a snapshot.");
    }

    private async Task RequireAllAsync(string target, IReadOnlyList<string> snapshots, CancellationToken cancel)
    {
        var arrived = (await zfs.ListSnapshotsAsync(target, depth: 0, cancel).ConfigureAwait(false)).Select(static s => s.Name.Name).ToHashSet();
        if (snapshots.FirstOrDefault(name => !arrived.Contains(name)) is { } missing)
            throw new TransactionException($"{target} has no snapshot {missing} after the transfer.");
    }

    private async Task PrepareParentsAsync(string filesystem, string target, CancellationToken cancel)
    {
        for (var end = target.IndexOf('/', filesystem.Length + 1); end > 0; end = target.IndexOf('/', end + 1))
        {
            try
            {
                if (!await zfs.ExistsAsync(target[..end], cancel).ConfigureAwait(false))
                    await zfs.CreateFilesystemAsync(target[..end], properties: null, cancel).ConfigureAwait(false);
            }
            catch (ZfsException exception) when (exception.Failure == ZfsFailure.AlreadyExists)
            {
                // A sibling's transfer was faster.
            }
        }
    }

    private static (string Source, string Target) Check(LocalSendInput input)
    {
        if (input.Snapshots.Count == 0)
            throw new TransactionException("A transfer is of one snapshot at least.");
        foreach (var snapshot in input.Snapshots.Concat(input.FromSnapshot is { } from ? [from] : []))
        {
            PoolDataset.Snapshot(input.Filesystem, input.Dataset, snapshot);
            PoolDataset.Snapshot(input.TargetFilesystem, input.TargetDataset, snapshot);
        }
        return (PoolDataset.Name(input.Filesystem, input.Dataset), PoolDataset.Name(input.TargetFilesystem, input.TargetDataset));
    }
}
