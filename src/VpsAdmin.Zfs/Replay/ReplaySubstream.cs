namespace VpsAdmin.Zfs.Replay;

/// <summary>One snapshot's stream inside a stream.</summary>
/// <param name="ToName">Full name of the snapshot where it was sent from.</param>
/// <param name="FromGuid">Guid of the snapshot that it is based on; 0: full.</param>
public sealed record ReplaySubstream(string ToName, ulong ToGuid, ulong FromGuid)
{
    public ReplayFeatures Features { get; init; }

    /// <summary>When the snapshot was taken, UTC, whole seconds; null where the record has no time that makes sense.</summary>
    public DateTimeOffset? Creation { get; init; }
}
