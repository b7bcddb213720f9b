using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.PS.Output;

/// <summary>What a file that should hold a ZFS stream turned out to be.</summary>
/// <param name="IsComplete">A stream, whole, with all its checksums right.</param>
/// <param name="Verdict">Complete, CutShort, Damaged, SendFailed, NotAStream or NotUnderstood.</param>
/// <param name="Problem">A sentence; null for a complete one.</param>
/// <param name="FaultOffset">Byte of the uncompressed stream where the fault was noticed: where it ends when it is cut short.</param>
/// <param name="SoundBytes">Bytes of the uncompressed stream, from the beginning, that its checksums vouch for.</param>
/// <param name="Kind">Full, Incremental, Compound or Resuming; null when no snapshot's stream has begun.</param>
/// <param name="FromGuid">Guid of the snapshot that a receiver must have; null for a full stream.</param>
/// <param name="ToGuid">Guid of the last snapshot inside.</param>
/// <param name="Snapshots">The snapshots inside, in order, the last perhaps not whole.</param>
/// <param name="Features">What a receiver must understand.</param>
/// <param name="HasRecordChecksums">Damage is noticed at the next record; otherwise at the end of a snapshot's stream.</param>
/// <param name="FileBytes">Bytes of the file that were read.</param>
/// <param name="StreamBytes">Bytes of the uncompressed stream that were read.</param>
/// <param name="Records">Records by type.</param>
public sealed record StreamTest(
    FileInfo File, bool IsComplete, string Verdict, string? Problem, long? FaultOffset, long SoundBytes, string? Kind, ulong? FromGuid, ulong? ToGuid,
    IReadOnlyList<ReplaySubstream> Snapshots, IReadOnlyList<string> Features, bool IsCompressed, bool IsBigEndian, bool HasRecordChecksums,
    long FileBytes, long StreamBytes, IReadOnlyList<ReplayTally> Records)
{
    internal static StreamTest Of(FileInfo file, StreamReport report)
    {
        var stream = report.Stream;
        return new StreamTest(
            file, report.Fault is null, report.Fault?.Fault.ToString() ?? "Complete", report.Fault?.Message, report.Fault?.Offset,
            report.Fault is null ? stream.Position : stream.SoundTo, report.Kind?.ToString(),
            stream.Substreams is [{ FromGuid: > 0 and var from }, ..] ? from : null, stream.Substreams is [.., var last] ? last.ToGuid : null,
            stream.Substreams, report.Features.Names, report.IsCompressed, stream.IsBigEndian, stream.HasRecordChecksums,
            report.FileBytes, stream.Position, stream.Records);
    }

    /// <summary>For the view: the names of a few, the number of many.</summary>
    public string SnapshotSummary => Snapshots switch
    {
        [] => "none",
        { Count: <= 3 } few => string.Join(", ", few.Select(static s => s.ToName)),
        [var first, .., var last] many => $"{many.Count}, from {first.ToName} to {last.ToName}",
    };

    public override string ToString() => $"{File.FullName}: {Problem ?? "complete"}";
}
