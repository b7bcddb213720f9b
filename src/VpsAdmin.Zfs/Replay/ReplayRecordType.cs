namespace VpsAdmin.Zfs.Replay;

/// <summary>DRR_* of OpenZFS zfs_ioctl.h. A stream of a later version may have others.</summary>
public enum ReplayRecordType : uint
{
    Begin,
    Object,
    FreeObjects,
    Write,
    Free,
    End,
    WriteByReference,
    Spill,
    WriteEmbedded,
    ObjectRange,
    Redact,
}
