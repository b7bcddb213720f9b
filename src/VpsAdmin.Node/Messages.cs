using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace VpsAdmin.Node;

/// <summary>Kinds of work, with vpsAdmin's own numbers.</summary>
public enum TransactionType
{
    DownloadSnapshot = 5004,
    RemoveDownload = 5005,
    CreateDataset = 5201,
    DestroyDataset = 5203,
    CreateSnapshot = 5204,
    DestroySnapshot = 5212,
}

/// <summary>A piece of work for one node. The node is told all it needs here; it has no database.</summary>
/// <param name="Rollback">Undo the work instead of doing it; runs in the queue <c>rollback</c>.</param>
/// <param name="Input">The input record of the type, as JSON.</param>
public sealed record TransactionMessage(long Id, long ChainId, TransactionType Type, bool Rollback, string Queue, JsonNode Input)
{
    /// <summary>
    /// Names the database that <see cref="Id"/> counts in: letters, digits and dashes. What a transaction makes is marked with both, so
    /// that on a pool which outlives a database new work is not taken for the old work of the same number. Null: the id stands alone.
    /// </summary>
    public string? Installation { get; init; }
}

/// <summary>What a node tells about a transaction.</summary>
public abstract record NodeEvent(long TransactionId);

/// <param name="Output">The output record of the type; null after failures, rollbacks and for types without output.</param>
/// <param name="Error">Null on success; else what happened, with the command and its last words.</param>
public sealed record TransactionFinished(long TransactionId, bool Success, JsonNode? Output, string? Error) : NodeEvent(TransactionId);

/// <summary>An export has a size to show, approximate while it runs.</summary>
public sealed record ExportProgressed(long TransactionId, long DownloadId, long ApproximateBytes) : NodeEvent(TransactionId);

/// <param name="Filesystem">Pool filesystem, such as <c>tank/vps</c>.</param>
/// <param name="Dataset">Full dataset name below it, such as <c>101/var</c>.</param>
/// <param name="Quota">Bytes; null: none.</param>
public sealed record CreateDatasetInput(string Filesystem, string Dataset, long? Quota);

public sealed record DestroyDatasetInput(string Filesystem, string Dataset);

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

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CreateDatasetInput))]
[JsonSerializable(typeof(DestroyDatasetInput))]
[JsonSerializable(typeof(CreateSnapshotInput))]
[JsonSerializable(typeof(CreateSnapshotOutput))]
[JsonSerializable(typeof(DestroySnapshotInput))]
[JsonSerializable(typeof(DownloadSnapshotInput))]
[JsonSerializable(typeof(DownloadSnapshotOutput))]
[JsonSerializable(typeof(RemoveDownloadInput))]
public sealed partial class NodeJson : JsonSerializerContext;
