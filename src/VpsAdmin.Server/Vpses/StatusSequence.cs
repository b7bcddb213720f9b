namespace VpsAdmin.Server.Vpses;

/// <summary>
/// What is seen of a VPS from outside, and when it is believed. A look takes time, and an operation may begin, or begin and end, meanwhile: what was seen
/// is then of the past. So each VPS has a number that counts: one on when a chain takes it, one on when the chain ends, together with what the chain established.
/// A look begins with the number, when that is even, and counts only if the number is the same when it is written down. No clock is in it, and no node.
/// </summary>
public static class StatusSequence
{
    /// <summary>No chain works on the VPS: it may be looked at.</summary>
    public static bool IsQuiet(long sequence) => sequence % 2 == 0;

    /// <summary>When a chain takes the VPS.</summary>
    public static long Taken(long sequence) => IsQuiet(sequence) ? sequence + 1 : sequence;

    /// <summary>When the chain ends, however it ends.</summary>
    public static long Settled(long sequence) => IsQuiet(sequence) ? sequence : sequence + 1;

    /// <summary>Whether what was seen since the number was <paramref name="begun"/> is still so when it is <paramref name="now"/>.</summary>
    public static bool Holds(long begun, long now) => begun == now && IsQuiet(begun);
}
