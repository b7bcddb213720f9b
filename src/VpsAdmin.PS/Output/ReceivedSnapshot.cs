namespace VpsAdmin.PS.Output;

/// <summary>Snapshots received into a filesystem of this machine.</summary>
/// <param name="Dataset">Where they are now.</param>
/// <param name="FromSnapshotId">Base of an incremental stream; null otherwise.</param>
/// <param name="Snapshots">Names, behind the @, of what was received, oldest first.</param>
/// <param name="Bytes">Length of the server's file.</param>
/// <param name="Verified">The server's SHA-256 was compared and equal, before the last snapshot was committed.</param>
/// <param name="Retries">Faults that were got over.</param>
public sealed record ReceivedSnapshot(
    string Dataset, long SnapshotId, long? FromSnapshotId, IReadOnlyList<string> Snapshots, long Bytes, string Sha256, bool Verified, double BytesPerSecond,
    TimeSpan Duration, int Retries)
{
    public override string ToString() => $"{Dataset}@{Snapshots[^1]}";
}
