using System.Text.Json;
using System.Text.Json.Serialization;

namespace VpsAdmin.Backup.Telling;

/// <summary>One run for programs: how it ended, in values that do not change their meaning between releases.</summary>
/// <param name="Filesystem">What was backed up into.</param>
/// <param name="Result">Null when it failed.</param>
/// <param name="ErrorId">Null when it did not fail.</param>
/// <param name="Error">In words; null when it did not fail.</param>
/// <param name="ExitCode">What the program that ran only this would end with.</param>
public sealed record BackupReport(string Filesystem, BackupResult? Result, string? ErrorId, string? Error, int ExitCode)
{
    /// <summary>Of one that failed: what it was about, as it was found; null when it did not get so far.</summary>
    public BackupSubject? Subject { get; init; }

    /// <summary>One line of JSON, without the line's end. Times in seconds, sizes in bytes, names as ZFS has them.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new BackupJson(
            Filesystem, Result is null ? "Failed" : Result.Outcome.ToString(), ExitCode, ErrorId, Error, Result?.DatasetId ?? Subject?.DatasetId, Result?.DatasetName ?? Subject?.DatasetName, Result?.HistoryId ?? Subject?.HistoryId,
            Result?.SnapshotsAdded ?? [], Result?.SnapshotsDestroyed ?? [], Result?.Plan.Steps.Select(static s => s.Reason).ToList() ?? [], Result?.Bytes ?? 0,
            Result?.Duration.TotalSeconds ?? 0, Result?.BytesPerSecond, Result?.Verified, Result?.Retries ?? 0, Result is null ? Subject?.NextBase : Result.NextBase, Result?.SnapshotCount,
            Result?.NewestSnapshot, Result?.Warnings ?? []),
        BackupJsonContext.Default.BackupJson);
}

/// <summary>The line's form.</summary>
internal sealed record BackupJson(
    string Filesystem, string Outcome, int ExitCode, string? ErrorId, string? Error, long? DatasetId, string? Dataset, int? HistoryId,
    IReadOnlyList<string> SnapshotsAdded, IReadOnlyList<string> SnapshotsDestroyed, IReadOnlyList<string> Steps, long Bytes, double Seconds, double? BytesPerSecond,
    bool? Verified, int Retries, string? NextBase, int? SnapshotCount, DateTimeOffset? NewestSnapshot, IReadOnlyList<string> Warnings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BackupJson))]
internal sealed partial class BackupJsonContext : JsonSerializerContext;
