namespace VpsAdmin.Transfer;

/// <param name="MaxBytesPerSecond">Null: no limit. Shared by all transfers of the process that have the same.</param>
/// <param name="VerifyChecksum">False: the server's SHA-256 is not compared (the decoded stream's own checks still are).</param>
/// <param name="RetryCount">How many faults in a row, without a byte gained, are borne.</param>
/// <param name="RetryTimeout">How long faults in a row, without a byte gained, are borne. Waiting for the server's export has no limit.</param>
/// <param name="StallTimeout">A connection that brings less than <paramref name="StallBytes"/> in this much waiting is a fault.</param>
/// <param name="StallBytes">Bytes.</param>
public sealed record TransferOptions(
    long? MaxBytesPerSecond = null,
    bool VerifyChecksum = true,
    int RetryCount = 10,
    TimeSpan? RetryTimeout = null,
    TimeSpan? StallTimeout = null,
    int StallBytes = 1024)
{
    public TimeSpan EffectiveRetryTimeout => RetryTimeout ?? TimeSpan.FromMinutes(30);
    public TimeSpan EffectiveStallTimeout => StallTimeout ?? TimeSpan.FromMinutes(1);
}

public enum TransferPhase
{
    /// <summary>The server has not produced the next bytes yet.</summary>
    Waiting,
    /// <summary>A fault happened; the next try is due.</summary>
    Retrying,
    Transferring,
    Verifying,
    Done,
}

/// <param name="BytesTransferred">Bytes of the server's file that are here, those of an earlier run included.</param>
/// <param name="BytesTotal">Null while unknown; an estimate unless <paramref name="TotalIsExact"/>.</param>
/// <param name="BytesPerSecond">Over the last seconds.</param>
/// <param name="Remaining">Null while unknown.</param>
public sealed record TransferProgress(
    TransferPhase Phase, long BytesTransferred, long? BytesTotal, bool TotalIsExact, double BytesPerSecond, TimeSpan? Remaining, string? Detail);

/// <param name="Bytes">Length of the server's file.</param>
/// <param name="ResumedFrom">Bytes that were already here.</param>
/// <param name="Sha256">Of the server's file as it arrived, 64 hex digits.</param>
/// <param name="Verified">The server's SHA-256 was compared and equal.</param>
/// <param name="Duration">From the first request to the commit.</param>
/// <param name="Retries">Faults that were got over.</param>
/// <param name="Repaired">Bytes of an earlier run that were damaged and fetched again.</param>
public sealed record TransferResult(long Bytes, long ResumedFrom, string Sha256, bool Verified, TimeSpan Duration, int Retries, long Repaired = 0);
