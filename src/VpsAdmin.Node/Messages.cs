using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using VpsAdmin.Node.Streams;

namespace VpsAdmin.Node;

/// <summary>Kinds of work, with vpsAdmin's own numbers.</summary>
public enum TransactionType
{
    StartVps = 1001,
    StopVps = 1002,
    RestartVps = 1003,
    ConfigureVps = 2003,
    InstallVps = 3001,
    DestroyVps = 3002,
    DownloadSnapshot = 5004,
    RemoveDownload = 5005,
    CreateDataset = 5201,
    DestroyDataset = 5203,
    CreateSnapshot = 5204,
    BranchDataset = 5206,
    PrepareRollback = 5209,
    RollbackDataset = 5210,
    ApplyRollback = 5211,
    DestroySnapshot = 5212,
    CreateSnapshots = 5215,
    SetDataset = 5216,
    ReceiveSnapshots = 5220,
    SendSnapshots = 5221,
    CheckReceived = 5222,
    LocalSend = 5223,
    SendMail = 9001,
}

/// <summary>A piece of work for one node. The node is told all it needs here; it has no database.</summary>
/// <param name="Rollback">
/// Undo the work instead of doing it; runs in the queue <c>rollback</c>. When the work has not ended, it is called off: its node stops it, or
/// never begins it, and undoes it then.
/// </param>
/// <param name="Input">The input record of the type, as JSON.</param>
public sealed record TransactionMessage(long Id, long ChainId, TransactionType Type, bool Rollback, string Queue, JsonNode Input)
{
    /// <summary>
    /// Names the database that <see cref="Id"/> counts in: letters, digits and dashes. What a transaction makes is marked with both, so
    /// that on a pool which outlives a database new work is not taken for the old work of the same number. Null: the id stands alone.
    /// </summary>
    public string? Installation { get; init; }

    /// <summary>
    /// Tells the work from other work that had the same id in the same database, before that was put back from a copy: letters, digits and
    /// dashes. Null: there is no such.
    /// </summary>
    public string? Nonce { get; init; }
}

/// <summary>What a node tells about a transaction.</summary>
public abstract record NodeEvent(long TransactionId);

/// <param name="Output">The output record of the type; null after rollbacks and for types without output. After a failure null, or <see cref="SnapshotsLeft"/>.</param>
/// <param name="Error">Null on success; else what happened, with the command and its last words.</param>
public sealed record TransactionFinished(long TransactionId, bool Success, JsonNode? Output, string? Error) : NodeEvent(TransactionId)
{
    /// <summary>Whether it is the undoing that has finished. Work that is called off may end in the same moment.</summary>
    public bool Rollback { get; init; }

    /// <summary>That of the message; null from nodes that know of none.</summary>
    public string? Nonce { get; init; }
}

/// <summary>An export has a size to show, approximate while it runs.</summary>
public sealed record ExportProgressed(long TransactionId, long DownloadId, long ApproximateBytes) : NodeEvent(TransactionId);

/// <summary>A transfer to another node goes on.</summary>
/// <param name="Bytes">Sent so far, by this delivery of the work.</param>
public sealed record TransferProgressed(long TransactionId, long Bytes) : NodeEvent(TransactionId);

/// <param name="Filesystem">Pool filesystem, such as <c>tank/vps</c>.</param>
/// <param name="Dataset">Full dataset name below it, such as <c>101/var</c>.</param>
/// <param name="Quota">Bytes; null: none.</param>
public sealed record CreateDatasetInput(string Filesystem, string Dataset, long? Quota);

public sealed record DestroyDatasetInput(string Filesystem, string Dataset);

/// <summary>Output of a destruction (5203, 5210) that has failed: names of the snapshots that are still there.</summary>
public sealed record SnapshotsLeft(IReadOnlyList<string> Snapshots);

public sealed record CreateSnapshotInput(string Filesystem, string Dataset);

/// <param name="Name">Behind the <c>@</c>: UTC, <c>yyyy-MM-ddTHH:mm:ss</c>.</param>
/// <param name="CreatedAt">UTC, as ZFS recorded it.</param>
public sealed record CreateSnapshotOutput(string Name, DateTimeOffset CreatedAt, ulong Guid);

public sealed record DestroySnapshotInput(string Filesystem, string Dataset, string Snapshot);

/// <param name="FromSnapshot">Null unless incremental.</param>
/// <param name="Format">archive, stream or incremental_stream.</param>
public sealed record DownloadSnapshotInput(
    string Filesystem, string Dataset, string Snapshot, string? FromSnapshot, string Format, string SecretKey, string FileName, long DownloadId);

/// <param name="Bytes">Of the finished file.</param>
/// <param name="Sha256">64 lower-case hex digits, of the finished file.</param>
public sealed record DownloadSnapshotOutput(long Bytes, string Sha256);

public sealed record RemoveDownloadInput(string Filesystem, string SecretKey, string FileName);

/// <param name="Datasets">Full names, each once.</param>
/// <param name="LeaveOutMissing">One that the pool has not got costs the others nothing; else it costs all of them their snapshot.</param>
public sealed record CreateSnapshotsInput(string Filesystem, IReadOnlyList<string> Datasets, bool LeaveOutMissing = false);

/// <param name="Name">Behind the <c>@</c>, of all of them: UTC, <c>yyyy-MM-ddTHH:mm:ss</c>.</param>
/// <param name="Missing">Datasets that the pool has not got, and that were left out; null: none.</param>
public sealed record CreateSnapshotsOutput(string Name, IReadOnlyList<TakenSnapshot> Snapshots, IReadOnlyList<string>? Missing = null);

/// <param name="CreatedAt">UTC, as ZFS recorded it.</param>
public sealed record TakenSnapshot(string Dataset, DateTimeOffset CreatedAt, ulong Guid);

/// <param name="Values">Property to value as <c>zfs set</c> takes it; null: inherit.</param>
/// <param name="Before">The same, to go back to.</param>
public sealed record SetDatasetInput(
    string Filesystem, string Dataset, IReadOnlyDictionary<string, string?> Values, IReadOnlyDictionary<string, string?> Before);

/// <param name="Newer">Snapshots behind it, which are destroyed. Any other stops the rollback.</param>
public sealed record RollbackDatasetInput(string Filesystem, string Dataset, string Snapshot, IReadOnlyList<string> Newer);

/// <summary>Sends snapshots from one pool of the node to another.</summary>
/// <param name="FromSnapshot">Newest snapshot that the target has; null: it is made.</param>
/// <param name="Snapshots">Oldest first; the target has them afterwards.</param>
/// <param name="Mount">The target is worked in: it is mounted then.</param>
public sealed record LocalSendInput(
    string Filesystem, string Dataset, string TargetFilesystem, string TargetDataset, string? FromSnapshot, IReadOnlyList<string> Snapshots, bool Mount = false);

/// <param name="Tree">Below the pool filesystem, such as <c>101/tree.0</c>.</param>
/// <param name="Snapshot">It and what is before it move to the new branch; the old one branches off behind it.</param>
public sealed record BranchDatasetInput(string Filesystem, string Tree, string Branch, string NewBranch, string Snapshot);

/// <summary>Brings a snapshot back from a backup, beside the filesystem that it is of.</summary>
/// <param name="BackupDataset">Below <paramref name="BackupFilesystem"/>, with tree and branch.</param>
/// <param name="Key">Tells restored filesystems of a pool apart.</param>
public sealed record PrepareRollbackInput(string Filesystem, long Key, string BackupFilesystem, string BackupDataset, string Snapshot);

/// <summary>Puts a restored filesystem in the place of the one that it is a past state of.</summary>
/// <param name="Known">Snapshots that are destroyed with the present filesystem. Any other stops the rollback.</param>
public sealed record ApplyRollbackInput(string Filesystem, string Dataset, long Key, string Snapshot, IReadOnlyList<string> Known);

/// <summary>Has the node await snapshots from another node.</summary>
/// <param name="Transfer">Name of the transfer, 32 hex digits.</param>
/// <param name="FromSnapshot">Newest snapshot that the target has; null: it is made.</param>
/// <param name="Snapshots">Oldest first; the target has them afterwards.</param>
/// <param name="RestoreKey">They go beside the dataset, to take its place later (5211); tells restored filesystems of a pool apart.</param>
public sealed record ReceiveSnapshotsInput(
    string Transfer, string Filesystem, string Dataset, string? FromSnapshot, IReadOnlyList<string> Snapshots, ReceiverCredential Credential, long? RestoreKey = null)
{
    internal string Target => RestoreKey is { } key ? RestoredDataset.Name(Filesystem, key) : PoolDataset.Name(Filesystem, Dataset);
}

/// <summary>Sends snapshots to another node.</summary>
/// <param name="Address">Where it awaits them, such as <c>node2.example.org:4569</c>.</param>
public sealed record SendSnapshotsInput(
    string Transfer, string Filesystem, string Dataset, string? FromSnapshot, IReadOnlyList<string> Snapshots, string Address, SenderCredential Credential);

/// <param name="Bytes">Sent by the delivery that came to the end.</param>
public sealed record SendSnapshotsOutput(long Bytes);

/// <summary>Sees that the snapshots of a transfer from another node are there, and awaits it no longer.</summary>
/// <param name="Mount">The filesystem is to be worked in from now on.</param>
public sealed record CheckReceivedInput(string Transfer, string Filesystem, string Dataset, IReadOnlyList<string> Snapshots, bool Mount = false, long? RestoreKey = null)
{
    internal string Target => RestoreKey is { } key ? RestoredDataset.Name(Filesystem, key) : PoolDataset.Name(Filesystem, Dataset);
}

/// <param name="To">Address.</param>
public sealed record SendMailInput(string To, string Subject, string Body);

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CreateDatasetInput))]
[JsonSerializable(typeof(DestroyDatasetInput))]
[JsonSerializable(typeof(SnapshotsLeft))]
[JsonSerializable(typeof(CreateSnapshotInput))]
[JsonSerializable(typeof(CreateSnapshotOutput))]
[JsonSerializable(typeof(DestroySnapshotInput))]
[JsonSerializable(typeof(DownloadSnapshotInput))]
[JsonSerializable(typeof(DownloadSnapshotOutput))]
[JsonSerializable(typeof(RemoveDownloadInput))]
[JsonSerializable(typeof(CreateSnapshotsInput))]
[JsonSerializable(typeof(CreateSnapshotsOutput))]
[JsonSerializable(typeof(SetDatasetInput))]
[JsonSerializable(typeof(RollbackDatasetInput))]
[JsonSerializable(typeof(LocalSendInput))]
[JsonSerializable(typeof(BranchDatasetInput))]
[JsonSerializable(typeof(PrepareRollbackInput))]
[JsonSerializable(typeof(ApplyRollbackInput))]
[JsonSerializable(typeof(ReceiveSnapshotsInput))]
[JsonSerializable(typeof(SendSnapshotsInput))]
[JsonSerializable(typeof(SendSnapshotsOutput))]
[JsonSerializable(typeof(CheckReceivedInput))]
[JsonSerializable(typeof(SendMailInput))]
[JsonSerializable(typeof(Runtime.InstallVpsInput))]
[JsonSerializable(typeof(Runtime.ConfigureVpsInput))]
[JsonSerializable(typeof(Runtime.RunVpsInput))]
[JsonSerializable(typeof(Runtime.DestroyVpsInput))]
[JsonSerializable(typeof(TransactionMessage))]
[JsonSerializable(typeof(TransactionFinished))]
[JsonSerializable(typeof(ExportProgressed))]
[JsonSerializable(typeof(TransferProgressed))]
public sealed partial class NodeJson : JsonSerializerContext;
