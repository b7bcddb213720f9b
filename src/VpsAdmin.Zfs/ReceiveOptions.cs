namespace VpsAdmin.Zfs;

/// <summary>How to receive a stream.</summary>
/// <param name="Unmounted">Do not mount what is received, where the host's zfs can.</param>
/// <param name="Resumable">Keep a partial receive for a resume token, where the host's zfs can.</param>
/// <param name="Force">Roll the target back to its newest snapshot first (<c>-F</c>).</param>
public sealed record ReceiveOptions(bool Unmounted = true, bool Resumable = false, bool Force = false);
