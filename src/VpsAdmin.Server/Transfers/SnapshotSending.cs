using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Node.Streams;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Transfers;

/// <summary>One end of a transfer.</summary>
/// <param name="Dataset">Below the pool filesystem; on a backup pool with tree and branch.</param>
public sealed record SendEnd(Pool Pool, string Dataset)
{
    /// <summary>They go beside the dataset, to take its place later; tells restored filesystems of a pool apart.</summary>
    public long? RestoreKey { get; init; }
}

/// <summary>
/// Sends snapshots from one pool to another, as a part of a chain: within a node as one transaction (5223), between nodes as three: the receiver
/// awaits them (5220), the sender sends them (5221), the receiver has them all (5222).
/// </summary>
public sealed class SnapshotSending(VpsAdminDb db)
{
    /// <summary>Whether there is a way from one pool to the other.</summary>
    public async Task<bool> CanReachAsync(Pool source, Pool target, CancellationToken cancel) =>
        source.NodeId == target.NodeId || await db.Nodes.AnyAsync(n => n.Id == target.NodeId && n.StreamAddress != null, cancel).ConfigureAwait(false);

    /// <param name="from">Newest snapshot that the target has; null: the filesystem is made.</param>
    /// <param name="snapshots">Oldest first; also one that an earlier transaction of the chain takes.</param>
    /// <param name="queue">Where the work of both nodes waits for its turn; null: with the other copies, of which a node has one at a time.</param>
    /// <returns>The transaction whose success means that all are there: what is created by them is confirmed with it.</returns>
    /// <exception cref="ActionRefusedException">The target's node takes no streams.</exception>
    public async Task<PlannedTransaction> AppendAsync(
        ChainBuilder chain, SendEnd source, SendEnd target, Snapshot? from, IReadOnlyList<Snapshot> snapshots, CancellationToken cancel, string? queue = null)
    {
        var baseName = from is null ? null : TransactionInput.NameOf(from);
        IReadOnlyList<string> names = [.. snapshots.Select(TransactionInput.NameOf)];
        return source.Pool.NodeId == target.Pool.NodeId
            ? AppendLocal(chain, source, target, baseName, names, queue)
            : AppendRemote(chain, source, target, baseName, names, await AddressAsync(target.Pool.NodeId, cancel).ConfigureAwait(false), queue);
    }

    private static PlannedTransaction AppendLocal(ChainBuilder chain, SendEnd source, SendEnd target, string? from, IReadOnlyList<string> snapshots, string? queue)
    {
        if (target.RestoreKey is { } key)
        {
            var restored = new PrepareRollbackInput(target.Pool.Filesystem, key, source.Pool.Filesystem, source.Dataset, snapshots.Single());
            return chain.Append(target.Pool.NodeId, TransactionType.PrepareRollback, Json(restored, NodeJson.Default.PrepareRollbackInput), queue);
        }
        var input = new LocalSendInput(source.Pool.Filesystem, source.Dataset, target.Pool.Filesystem, target.Dataset, from, snapshots, IsWorkedIn(target));
        return chain.Append(target.Pool.NodeId, TransactionType.LocalSend, Json(input, NodeJson.Default.LocalSendInput), queue);
    }

    private static PlannedTransaction AppendRemote(
        ChainBuilder chain, SendEnd source, SendEnd target, string? from, IReadOnlyList<string> snapshots, string address, string? queue)
    {
        var credentials = StreamCredentials.Create();
        var (receiver, sender) = (target.Pool, source.Pool);
        var receive = new ReceiveSnapshotsInput(credentials.Transfer, receiver.Filesystem, target.Dataset, from, snapshots, credentials.Receiver, target.RestoreKey);
        chain.AppendWithSecret(receiver.NodeId, TransactionType.ReceiveSnapshots, Json(receive, NodeJson.Default.ReceiveSnapshotsInput), nameof(receive.Credential), queue);
        var send = new SendSnapshotsInput(credentials.Transfer, sender.Filesystem, source.Dataset, from, snapshots, address, credentials.Sender);
        chain.AppendWithSecret(sender.NodeId, TransactionType.SendSnapshots, Json(send, NodeJson.Default.SendSnapshotsInput), nameof(send.Credential), queue);
        var check = new CheckReceivedInput(credentials.Transfer, receiver.Filesystem, target.Dataset, snapshots, IsWorkedIn(target), target.RestoreKey);
        return chain.Append(receiver.NodeId, TransactionType.CheckReceived, Json(check, NodeJson.Default.CheckReceivedInput));
    }

    /// <summary>Backups are not, and what waits to take a dataset's place is mounted there.</summary>
    private static bool IsWorkedIn(SendEnd target) => target.Pool.Role is not PoolRole.Backup && target.RestoreKey is null;

    private async Task<string> AddressAsync(long nodeId, CancellationToken cancel)
    {
        var node = await db.Nodes.SingleAsync(n => n.Id == nodeId, cancel).ConfigureAwait(false);
        return node.StreamAddress ?? throw new ActionRefusedException(StatusCodes.Status409Conflict, $"node {node.DomainName} takes no streams of other nodes");
    }

    private static JsonObject Json<T>(T input, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(input, type)!.AsObject();
}
