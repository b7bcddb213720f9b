using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace VpsAdmin.Zfs.Tests.Replay;

/// <summary>Writes ZFS send streams record by record, after OpenZFS zfs_ioctl.h, with their checksums.</summary>
/// <param name="old">As zfs-fuse writes them: records have no checksums of their own.</param>
internal sealed class StreamBytes(bool bigEndian = false, bool old = false)
{
    private const int ChecksumOffset = 312 - 32;

    private readonly List<byte> _bytes = [];
    private readonly ulong[] _sums = new ulong[4];

    public byte[] ToArray() => [.. _bytes];

    public static byte[] Gzip(byte[] decoded, int members = 1)
    {
        var compressed = new MemoryStream();
        var size = (decoded.Length / members) + 1;
        foreach (var member in decoded.Chunk(size))
        {
            using var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true);
            gzip.Write(member);
        }
        return compressed.ToArray();
    }

    /// <summary>A stream of one snapshot with so many bytes of data.</summary>
    /// <param name="fromGuid">Of the base of an increment; 0: none.</param>
    public static byte[] Simple(int dataBytes, ulong guid = 0xabcdef, ulong fromGuid = 0) =>
        new StreamBytes().Begin("tank/a@s", guid, fromGuid).Object(88).Write(dataBytes).FreeObjects().End(guid).ToArray();

    public StreamBytes Begin(string toName, ulong toGuid, ulong fromGuid = 0, ulong headerType = 1, byte[]? payload = null, ulong features = 4)
    {
        Array.Clear(_sums);
        var record = Record(0);
        UInt32(record, 4, (uint)(payload?.Length ?? 0));
        UInt64(record, 8, 0x2F5bacbac);
        UInt64(record, 16, headerType | (features << 2));
        UInt64(record, 24, 1_465_772_401);
        UInt64(record, 40, toGuid);
        UInt64(record, 48, fromGuid);
        Encoding.UTF8.GetBytes(toName, record.AsSpan(56));
        return Add(record, payload, sealedIn: false);
    }

    /// <param name="list">Of the header; null: something.</param>
    public StreamBytes CompoundBegin(string toName, byte[]? list = null) => Begin(toName, 0, headerType: 2, payload: list ?? new byte[1000]).End(0);

    /// <summary>The last END of a compound stream: libzfs writes nothing into it.</summary>
    public StreamBytes Conclusion() => Add(Record(5), sealedIn: false);

    public StreamBytes Substream(string toName, ulong toGuid, ulong fromGuid, int dataBytes = 1000) =>
        Begin(toName, toGuid, fromGuid).Write(dataBytes).End(toGuid);

    public StreamBytes End(ulong toGuid)
    {
        var record = Record(5);
        for (var i = 0; i < 4; i++)
            UInt64(record, 8 + (8 * i), _sums[i]);
        UInt64(record, 40, toGuid);
        return Add(record);
    }

    public StreamBytes Object(uint bonusLength, uint rawBonusLength = 0)
    {
        var record = Record(1);
        UInt32(record, 28, bonusLength);
        UInt32(record, 36, rawBonusLength);
        return Add(record, new byte[rawBonusLength != 0 ? rawBonusLength : (bonusLength + 7) / 8 * 8]);
    }

    public StreamBytes FreeObjects() => Add(Record(2));

    public StreamBytes Write(int size, int? compressedSize = null)
    {
        var record = Record(3);
        UInt64(record, 32, (ulong)size);
        record[50] = (byte)(compressedSize is null ? 0 : 15);
        UInt64(record, 96, (ulong)(compressedSize ?? 0));
        var data = new byte[compressedSize ?? size];
        new Random(size).NextBytes(data);
        return Add(record, data);
    }

    public StreamBytes Free() => Add(Record(4));

    public StreamBytes Spill(int length, int? compressedSize = null)
    {
        var record = Record(7);
        UInt64(record, 16, (ulong)length);
        UInt64(record, 40, (ulong)(compressedSize ?? 0));
        return Add(record, new byte[compressedSize ?? length]);
    }

    public StreamBytes WriteEmbedded(uint size)
    {
        var record = Record(8);
        UInt32(record, 52, size);
        return Add(record, new byte[(size + 7) / 8 * 8]);
    }

    public StreamBytes Bare(uint type) => Add(Record(type));

    /// <summary>A record of a later version, with its payload's length where BEGIN has it.</summary>
    public StreamBytes Later(uint type, int payload)
    {
        var record = Record(type);
        UInt32(record, 4, (uint)payload);
        return Add(record, new byte[payload]);
    }

    private byte[] Record(uint type)
    {
        var record = new byte[312];
        UInt32(record, 0, type);
        return record;
    }

    private StreamBytes Add(byte[] record, byte[]? payload = null, bool sealedIn = true)
    {
        Sum(record.AsSpan(..ChecksumOffset));
        if (sealedIn && !old)
        {
            for (var i = 0; i < 4; i++)
                UInt64(record, ChecksumOffset + (8 * i), _sums[i]);
        }
        Sum(record.AsSpan(ChecksumOffset..));
        Sum(payload);
        _bytes.AddRange(record.AsSpan());
        _bytes.AddRange((payload ?? []).AsSpan());
        return this;
    }

    /// <summary>Fletcher-4 by its definition, word for word.</summary>
    private void Sum(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 4; bytes = bytes[4..])
        {
            _sums[0] += bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            _sums[1] += _sums[0];
            _sums[2] += _sums[1];
            _sums[3] += _sums[2];
        }
    }

    private void UInt32(byte[] record, int offset, uint value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(offset), value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(offset), value);
    }

    private void UInt64(byte[] record, int offset, ulong value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt64BigEndian(record.AsSpan(offset), value);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(offset), value);
    }
}
