using System.Text.Json.Serialization;

namespace VpsAdmin.Server.Consistency;

/// <summary>What database and pools can disagree about.</summary>
public enum FindingKind
{
    /// <summary>The filesystem of a pool is not there, or cannot be looked into.</summary>
    PoolMissing,
    /// <summary>The node has no pools: database and disks were not compared at all.</summary>
    NothingCompared,
    /// <summary>A dataset, a tree or a branch of the database has no filesystem.</summary>
    DatasetMissing,
    /// <summary>A filesystem is no dataset of the database.</summary>
    DatasetUnknown,
    SnapshotMissing,
    SnapshotUnknown,
    /// <summary>A snapshot of the database is on no pool.</summary>
    SnapshotWithoutCopy,
    /// <summary>A snapshot is of a history that its dataset has not reached.</summary>
    HistoryWrong,
    /// <summary>A finished download has no file.</summary>
    DownloadMissing,
    /// <summary>The file of a finished download has another size than the database says.</summary>
    DownloadDamaged,
    /// <summary>A file is of no download.</summary>
    DownloadUnknown,
    /// <summary>A row is locked by a chain that has ended.</summary>
    LockWithoutChain,
    /// <summary>A row is half made or half removed, and no chain goes on with it.</summary>
    RowUnfinished,
    /// <summary>A chain is at work, or waits for its node: what it concerns was not compared.</summary>
    ChainUnfinished,
    /// <summary>A chain could not be undone: an administrator has to look.</summary>
    ChainFatal,
}

/// <param name="Subject">What is meant, such as <c>tank/vps/101@2026-03-02T00:00:00</c>.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record Finding(FindingKind Kind, string Subject, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Finding))]
internal sealed partial class FindingJson : JsonSerializerContext;
