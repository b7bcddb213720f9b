namespace VpsAdmin.Zfs.Replay;

/// <summary>What is wrong with a ZFS stream.</summary>
public enum ReplayFault
{
    /// <summary>It does not begin like one.</summary>
    NotAStream,
    /// <summary>It ends before its end record.</summary>
    CutShort,
    /// <summary>A checksum is wrong, or a record that no sender writes.</summary>
    Damaged,
    /// <summary>Whole as it is, but the sender gave up and said so in its way.</summary>
    SendFailed,
    /// <summary>A record of a later version whose length cannot be known.</summary>
    NotUnderstood,
    /// <summary>Other filesystems than one, properties, or what cannot be told from them; only where the reader was asked to refuse such.</summary>
    BringsMore,
}

/// <summary>A ZFS stream that cannot be what its sender meant to send.</summary>
/// <param name="offset">Byte of the (uncompressed) stream where it was noticed: the end of a stream cut short, else the beginning of a record.</param>
/// <param name="soundTo">Bytes from the beginning that a checksum has covered and found right.</param>
/// <param name="message">A sentence with the offset in it.</param>
public sealed class ReplayException(ReplayFault fault, long offset, long soundTo, string message) : Exception(message)
{
    public ReplayFault Fault { get; } = fault;

    public long Offset { get; } = offset;

    public long SoundTo { get; } = soundTo;
}
