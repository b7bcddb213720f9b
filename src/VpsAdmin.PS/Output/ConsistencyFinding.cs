using System.Text.Json.Serialization;

namespace VpsAdmin.PS.Output;

/// <summary>Something about which a server's database and its pools disagree.</summary>
/// <param name="Kind">
/// PoolMissing, NothingCompared, DatasetMissing, DatasetUnknown, SnapshotMissing, SnapshotUnknown, SnapshotWithoutCopy, HistoryWrong, DownloadMissing,
/// DownloadDamaged, DownloadUnknown, LockWithoutChain, RowUnfinished, ChainUnfinished or ChainFatal.
/// </param>
/// <param name="Subject">What is meant, such as <c>tank/vps/101@2026-03-02T00:00:00</c>.</param>
/// <param name="Message">A sentence.</param>
public sealed record ConsistencyFinding(string Kind, string Subject, string Message)
{
    public override string ToString() => Message;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ConsistencyFinding))]
internal sealed partial class ConsistencyJson : JsonSerializerContext;
