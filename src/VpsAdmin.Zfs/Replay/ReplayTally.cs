namespace VpsAdmin.Zfs.Replay;

/// <summary>How many records of one type a stream has.</summary>
/// <param name="PayloadBytes">Bytes behind the records, as they are in the stream.</param>
/// <param name="LogicalBytes">Bytes of file contents that they stand for, uncompressed; 0 for records that carry none.</param>
public sealed record ReplayTally(ReplayRecordType Type, long Count, long PayloadBytes, long LogicalBytes);
