using System.Runtime.InteropServices;

namespace VpsAdmin.Node.Exports;

/// <summary>
/// The last two records of a ZFS stream (<c>dmu_replay_record_t</c>, sys/zfs_ioctl.h). A complete stream ends with <c>DRR_END</c> naming
/// the snapshot's guid; <c>zfs send -I</c> adds one more <c>DRR_END</c> without a guid, which it also writes after it failed.
/// </summary>
internal sealed class StreamTail
{
    private const int RecordLength = 312;
    private const uint End = 5;
    /// <summary>Behind type and payload length (8) and <c>drr_end.drr_checksum</c> (32).</summary>
    private const int GuidOffset = 40;

    private readonly byte[] _last = new byte[2 * RecordLength];
    private int _length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= _last.Length)
        {
            bytes[^_last.Length..].CopyTo(_last);
            _length = _last.Length;
            return;
        }
        var kept = Math.Min(_length, _last.Length - bytes.Length);
        _last.AsSpan(_length - kept, kept).CopyTo(_last);
        bytes.CopyTo(_last.AsSpan(kept));
        _length = kept + bytes.Length;
    }

    public bool EndsSnapshot(ulong guid)
    {
        if (_length < _last.Length)
            return false;
        var record = EndGuid(_last.AsSpan(RecordLength));
        return record == guid || (record == 0 && EndGuid(_last.AsSpan(0, RecordLength)) == guid);
    }

    /// <summary>Null: not an end record. The sender writes in its own byte order, and it ran on this machine.</summary>
    private static ulong? EndGuid(ReadOnlySpan<byte> record) =>
        MemoryMarshal.Read<uint>(record) == End ? MemoryMarshal.Read<ulong>(record[GuidOffset..]) : null;
}
