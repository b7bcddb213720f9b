using System.Buffers.Binary;
using System.Text;

namespace VpsAdmin.Transfer.Replay;

/// <summary>DRR_* of OpenZFS zfs_ioctl.h.</summary>
internal enum ReplayRecordType : uint
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

/// <summary>DMU_SUBSTREAM and DMU_COMPOUNDSTREAM.</summary>
internal enum ReplayHeaderType : ulong
{
    Substream = 1,
    Compound = 2,
}

/// <summary>
/// Fields of a dmu_replay_record at their offsets in the C structure, the same for zfs-fuse 0.7 and OpenZFS: what newer versions
/// added stands where older ones wrote zeros.
/// </summary>
/// <param name="bytes">The record, in the sender's byte order.</param>
/// <param name="isSwapped">The sender's byte order is not little-endian.</param>
internal readonly ref struct ReplayRecord(ReadOnlySpan<byte> bytes, bool isSwapped)
{
    public const int Size = 312;

    private const ulong Magic = 0x2F5bacbac;
    private const int MagicOffset = 8;
    private const int NameOffset = 56;

    /// <summary>Larger than any block (16 MiB) and any packed list that libzfs accepts; a larger one is damage.</summary>
    private const ulong LargestPayload = 256 * 1024 * 1024;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Reads the byte order off the first record.</summary>
    public static bool TryFindOrder(ReadOnlySpan<byte> first, out bool isSwapped)
    {
        isSwapped = BinaryPrimitives.ReadUInt64BigEndian(first[MagicOffset..]) == Magic;
        return new ReplayRecord(first, isSwapped) is { HasMagic: true, Type: ReplayRecordType.Begin };
    }

    public ReplayRecordType Type => (ReplayRecordType)UInt32(0);

    public bool HasMagic => UInt64(MagicOffset) == Magic;

    public ReplayHeaderType HeaderType => (ReplayHeaderType)(UInt64(16) & 3);

    public ulong ToGuid => UInt64(40);

    public ulong FromGuid => UInt64(48);

    public string ToName
    {
        get
        {
            var name = _bytes[NameOffset..];
            var end = name.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
        }
    }

    /// <summary>drr_end.drr_toguid, behind a 256-bit checksum.</summary>
    public ulong EndToGuid => UInt64(40);

    /// <summary>Bytes that follow the record; null when the type is unknown or the length makes no sense. The rules are those of <c>zstream dump</c>.</summary>
    public long? PayloadLength
    {
        get
        {
            ulong? length = Type switch
            {
                ReplayRecordType.Begin => UInt32(4),
                // drr_raw_bonuslen, else drr_bonuslen.
                ReplayRecordType.Object => UInt32(36) != 0 ? UInt32(36) : RoundUp(UInt32(28)),
                // drr_compressed_size where drr_compressiontype is set, else drr_logical_size.
                ReplayRecordType.Write => _bytes[50] != 0 ? UInt64(96) : UInt64(32),
                // drr_compressed_size where it is set, else drr_length.
                ReplayRecordType.Spill => UInt64(40) != 0 ? UInt64(40) : UInt64(16),
                ReplayRecordType.WriteEmbedded => RoundUp(UInt32(52)),
                ReplayRecordType.FreeObjects or ReplayRecordType.Free or ReplayRecordType.End or ReplayRecordType.WriteByReference
                    or ReplayRecordType.ObjectRange or ReplayRecordType.Redact => 0,
                _ => null,
            };
            return length <= LargestPayload ? (long)length : null;
        }
    }

    private static ulong RoundUp(ulong length) => (length + 7) & ~7UL;

    private uint UInt32(int offset) => isSwapped ? BinaryPrimitives.ReadUInt32BigEndian(_bytes[offset..]) : BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);

    private ulong UInt64(int offset) => isSwapped ? BinaryPrimitives.ReadUInt64BigEndian(_bytes[offset..]) : BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);
}
