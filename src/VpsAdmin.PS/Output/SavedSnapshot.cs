namespace VpsAdmin.PS.Output;

/// <summary>A snapshot in a file.</summary>
/// <param name="FromSnapshotId">Base of an incremental stream; null otherwise.</param>
/// <param name="Format">Name of the export format. Text, for a field of the enum's type could not be loaded at import (see ConnectVpsAdminCommand).</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Sha256">Of the file, 64 hex digits.</param>
/// <param name="Verified">The server's SHA-256 was compared and equal.</param>
/// <param name="BytesPerSecond">Of what this run brought.</param>
/// <param name="ResumedFrom">Bytes that an earlier run had brought.</param>
/// <param name="Retries">Faults that were got over.</param>
public sealed record SavedSnapshot(
    FileInfo File, long SnapshotId, long? FromSnapshotId, string Format, long Bytes, string Sha256, bool Verified, double BytesPerSecond,
    long ResumedFrom, TimeSpan Duration, int Retries)
{
    public override string ToString() => File.FullName;
}
