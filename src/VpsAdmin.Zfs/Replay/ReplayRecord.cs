using System.Buffers.Binary;
using System.Text;

namespace VpsAdmin.Zfs.Replay;

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
/// <param name="bigEndian">The sender's byte order.</param>
internal readonly ref struct ReplayRecord(ReadOnlySpan<byte> bytes, bool bigEndian)
{
    public const int Size = 312;

    /// <summary>So many bytes tell whether this is a stream.</summary>
    public const int MarkSize = MagicOffset + sizeof(ulong);

    /// <summary>Where the checksum of a record begins (drr_checksum.drr_checksum); in BEGIN the end of a name is there.</summary>
    public const int ChecksumOffset = Size - 4 * sizeof(ulong);

    private const ulong Magic = 0x2F5bacbac;
    private const int MagicOffset = 8;
    private const int NameOffset = 56;
    private const int BehindEndGuid = 48;

    /// <summary>Of DateTimeOffset, in seconds since 1970.</summary>
    private const ulong LatestTime = 253_402_300_799;

    /// <summary>Larger than any block (16 MiB) and any packed list that libzfs accepts; a larger one is damage.</summary>
    private const ulong LargestPayload = 256 * 1024 * 1024;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Reads the byte order off the first record, of which <see cref="MarkSize"/> bytes are enough.</summary>
    /// <returns>False: this is not a stream.</returns>
    public static bool TryFindOrder(ReadOnlySpan<byte> first, out bool bigEndian)
    {
        bigEndian = BinaryPrimitives.ReadUInt64BigEndian(first[MagicOffset..]) == Magic;
        return new ReplayRecord(first, bigEndian) is { HasMagic: true, Type: ReplayRecordType.Begin };
    }

    public ReplayRecordType Type => (ReplayRecordType)UInt32(0);

    public bool HasMagic => UInt64(MagicOffset) == Magic;

    public ReplayHeaderType HeaderType => (ReplayHeaderType)(UInt64(16) & 3);

    public ReplayFeatures Features => new((uint)(UInt64(16) >> 2) & 0x3fff_ffff);

    public DateTimeOffset? Creation => UInt64(24) is > 0 and <= LatestTime and var seconds ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;

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

    /// <summary>drr_end.drr_checksum: of everything from BEGIN up to this record.</summary>
    public FletcherSums EndSums => Sums(8);

    /// <summary>drr_end.drr_toguid.</summary>
    public ulong EndToGuid => UInt64(40);

    /// <summary>Nothing but zeros where END has no fields.</summary>
    public bool IsEndBare => UInt32(4) == 0 && !_bytes[BehindEndGuid..].ContainsAnyExcept((byte)0);

    /// <summary>The checksum of everything from BEGIN up to it; zero in streams of zfs-fuse and other old senders, and in the END records of libzfs.</summary>
    public FletcherSums OwnSums => Sums(ChecksumOffset);

    /// <summary>Bytes of file contents that the record stands for.</summary>
    public ulong LogicalLength => Type switch
    {
        // drr_logical_size of WRITE, drr_length of the others.
        ReplayRecordType.Write or ReplayRecordType.WriteEmbedded => UInt64(Type == ReplayRecordType.Write ? 32 : 24),
        ReplayRecordType.WriteByReference => UInt64(24),
        ReplayRecordType.Spill => UInt64(16),
        _ => 0,
    };

    /// <summary>
    /// Bytes that follow the record; null when the length makes no sense. The rules are those of <c>zstream dump</c>; of a type that is
    /// not known, drr_payloadlen is the best guess, which the checksum of the next record proves.
    /// </summary>
    public long? PayloadLength
    {
        get
        {
            ulong length = Type switch
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
                _ => UInt32(4),
            };
            return length <= LargestPayload ? (long)length : null;
        }
    }

    private FletcherSums Sums(int offset) => new(UInt64(offset), UInt64(offset + 8), UInt64(offset + 16), UInt64(offset + 24));

    private static ulong RoundUp(ulong length) => (length + 7) & ~7UL;

    private uint UInt32(int offset) => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(_bytes[offset..]) : BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);

    private ulong UInt64(int offset) => bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(_bytes[offset..]) : BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);
}
