namespace VpsAdmin.Zfs.Replay;

/// <summary>
/// Walks the records of a ZFS send stream (OpenZFS zfs_ioctl.h, dmu_replay_record) in pieces of any size, and tells whether it is whole.
/// A simple stream is BEGIN … END. A compound one (<c>send -I</c>, <c>-R</c>, <c>-p</c>) is BEGIN with a packed list, END, any number of simple
/// streams, and one more END, which libzfs writes even when it failed in between: hence the checks that each END closes its own BEGIN and that
/// the snapshot promised by the first BEGIN has come.
/// </summary>
/// <remarks>
/// Every byte is covered by fletcher-4, as <c>zfs receive</c> checks it (dmu_recv.c). The sum begins anew at each BEGIN. END has the sum of all that
/// stands before it; records of OpenZFS, BEGIN excepted, have in their last 32 bytes the sum of all that stands before these, which itself is summed.
/// </remarks>
/// <param name="oneDataset">Refuse what brings more than snapshots of one dataset, other filesystems or properties, as soon as it is read.</param>
public sealed class ReplayStream(bool oneDataset = false)
{
    private readonly byte[] _record = new byte[ReplayRecord.Size];
    private readonly List<ReplaySubstream> _substreams = [];
    private readonly List<long> _ends = [];
    private readonly ReplayTallies _tallies = new();
    private readonly Fletcher4 _sum = new();
    private readonly OneDataset? _rule = oneDataset ? new OneDataset() : null;
    private int _recordFill;
    private long _payloadLeft;
    private Place _place = Place.Start;
    private string? _promised;

    private enum Place
    {
        Start,
        /// <summary>Between BEGIN and END of a simple stream; then all is done.</summary>
        InSimple,
        /// <summary>Behind BEGIN of a compound stream: its END is next.</summary>
        InHeader,
        /// <summary>Between the streams of a compound stream: BEGIN, or the last END.</summary>
        Between,
        InSubstream,
        Done,
    }

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes from the beginning that a checksum has covered and found right.</summary>
    public long SoundTo { get; private set; }

    /// <summary>True when the stream has ended as it should.</summary>
    public bool IsComplete => _place == Place.Done && _recordFill == 0 && _payloadLeft == 0;

    /// <summary>A stream of several parts: <c>send -I</c>, <c>-R</c> or <c>-p</c>.</summary>
    public bool IsCompound => _promised is not null;

    /// <summary>The sender's byte order.</summary>
    public bool IsBigEndian { get; private set; }

    /// <summary>Records have checksums of their own, as those of OpenZFS: damage is noticed at the next record, not only at the end.</summary>
    public bool HasRecordChecksums { get; private set; }

    /// <summary>Streams that have begun, in order.</summary>
    public IReadOnlyList<ReplaySubstream> Substreams => _substreams;

    /// <summary>Records so far, by type.</summary>
    public IReadOnlyList<ReplayTally> Records => _tallies.ToList();

    /// <summary>Streams that end within the first so many bytes, in order.</summary>
    public IReadOnlyList<ReplaySubstream> EndedBefore(long position) => [.. _substreams.Take(_ends.Count(end => end <= position))];

    /// <summary>Reads the next bytes.</summary>
    /// <exception cref="ReplayException"/>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var taken = _payloadLeft > 0 ? TakePayload(bytes) : TakeRecord(bytes);
            Position += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Says that there are no more bytes.</summary>
    /// <exception cref="ReplayException"><see cref="ReplayFault.CutShort"/></exception>
    public void Finish()
    {
        if (!IsComplete)
            throw Bad(ReplayFault.CutShort, Position, $"is cut short at byte {Position}: its end record is missing");
    }

    private int TakePayload(ReadOnlySpan<byte> bytes)
    {
        var taken = (int)Math.Min(_payloadLeft, bytes.Length);
        _sum.Append(bytes[..taken], IsBigEndian);
        _payloadLeft -= taken;
        if (_payloadLeft == 0)
            _sum.EndRun();
        return taken;
    }

    private int TakeRecord(ReadOnlySpan<byte> bytes)
    {
        if (_place == Place.Done)
            throw Bad(ReplayFault.Damaged, Position, $"goes on behind its end, at byte {Position}");
        // The mark first: data that is no stream is told from a stream cut short.
        var wanted = _place == Place.Start && _recordFill < ReplayRecord.MarkSize ? ReplayRecord.MarkSize : ReplayRecord.Size;
        var taken = Math.Min(wanted - _recordFill, bytes.Length);
        bytes[..taken].CopyTo(_record.AsSpan(_recordFill));
        _recordFill += taken;
        if (_recordFill == ReplayRecord.MarkSize && _place == Place.Start)
            FindOrder();
        else if (_recordFill == ReplayRecord.Size)
        {
            _recordFill = 0;
            OnRecord(Position + taken - ReplayRecord.Size);
        }
        return taken;
    }

    private void FindOrder()
    {
        if (!ReplayRecord.TryFindOrder(_record, out var bigEndian))
            throw new ReplayException(ReplayFault.NotAStream, 0, 0, "This is not a ZFS stream: it does not begin like one.");
        IsBigEndian = bigEndian;
    }

    private void OnRecord(long offset)
    {
        var record = new ReplayRecord(_record, IsBigEndian);
        var isBegin = record.Type == ReplayRecordType.Begin;
        if (isBegin)
            _sum.Reset();
        var before = _sum.Sums;
        _sum.Append(_record.AsSpan(..ReplayRecord.ChecksumOffset), IsBigEndian);
        if (!isBegin)
            CheckOwnSum(record, offset);
        _sum.Append(_record.AsSpan(ReplayRecord.ChecksumOffset..), IsBigEndian);

        switch (record.Type)
        {
            case ReplayRecordType.Begin:
                OnBegin(record, offset);
                break;
            case ReplayRecordType.End:
                OnEnd(record, before, offset);
                break;
            default:
                if (_place is not (Place.InSimple or Place.InSubstream))
                    throw Unexpected(record, offset);
                if (record.Type > ReplayRecordType.Redact && record.OwnSums.IsZero)
                    throw Bad(ReplayFault.NotUnderstood, offset, $"has a record of type {(uint)record.Type} at byte {offset}, which this program does not know");
                break;
        }
        _payloadLeft = record.PayloadLength
            ?? throw Bad(ReplayFault.Damaged, offset, $"has a record of type {record.Type} at byte {offset} whose length makes no sense");
        _tallies.Add(record);
    }

    private void CheckOwnSum(in ReplayRecord record, long offset)
    {
        if (record.OwnSums.IsZero)
            return;
        if (record.OwnSums != _sum.Sums)
            throw WrongSum(offset);
        HasRecordChecksums = true;
        SoundTo = offset + ReplayRecord.Size;
    }

    private void OnBegin(in ReplayRecord record, long offset)
    {
        if (!record.HasMagic)
            throw Bad(ReplayFault.Damaged, offset, $"has a BEGIN record without its mark at byte {offset}");
        switch (_place, record.HeaderType)
        {
            case (Place.Start, ReplayHeaderType.Compound):
                _promised = record.ToName;
                Check(_rule?.OnHeader(_promised, record.PayloadLength), offset);
                _place = Place.InHeader;
                return;
            case (Place.Start, ReplayHeaderType.Substream):
                _place = Place.InSimple;
                break;
            case (Place.Between, ReplayHeaderType.Substream):
                Check(_rule?.OnSubstream(record.ToName), offset);
                _place = Place.InSubstream;
                break;
            default:
                throw Unexpected(record, offset);
        }
        _substreams.Add(new ReplaySubstream(record.ToName, record.ToGuid, record.FromGuid) { Features = record.Features, Creation = record.Creation });
    }

    private void OnEnd(in ReplayRecord record, FletcherSums before, long offset)
    {
        switch (_place)
        {
            case Place.InHeader:
                CheckEnd(record, before, guid: 0, offset);
                _place = Place.Between;
                break;
            case Place.InSimple or Place.InSubstream:
                // The last END of a compound stream, where the sender gave up this one.
                if (record.EndToGuid == 0 && record.EndSums.IsZero)
                    throw Bad(ReplayFault.SendFailed, offset, $"of '{_substreams[^1].ToName}' was given up at byte {offset}: sending it failed");
                CheckEnd(record, before, _substreams[^1].ToGuid, offset);
                _ends.Add(offset + ReplayRecord.Size);
                _place = _place == Place.InSimple ? Place.Done : Place.Between;
                break;
            case Place.Between:
                // Zero, or with "send -D" the sum from the last BEGIN on.
                CheckEnd(record, record.EndSums.IsZero ? default : before, guid: 0, offset);
                if (_substreams.All(s => s.ToName != _promised))
                    throw Bad(ReplayFault.SendFailed, offset, $"ends at byte {offset} without '{_promised}', which it promised: sending it failed");
                _place = Place.Done;
                break;
            default:
                throw Unexpected(record, offset);
        }
        SoundTo = offset + ReplayRecord.Size;
    }

    /// <summary>Without a checksum of its own, an END has nothing behind its fields: no byte of a stream goes unchecked.</summary>
    /// <param name="guid">0 where an END is libzfs's.</param>
    private void CheckEnd(in ReplayRecord record, FletcherSums expected, ulong guid, long offset)
    {
        if (record.EndSums != expected || (record.OwnSums.IsZero && !record.IsEndBare))
            throw WrongSum(offset);
        if (record.EndToGuid != guid)
            throw Bad(ReplayFault.Damaged, offset, $"has the end record of something else at byte {offset}");
    }

    private void Check(string? tooMuch, long offset)
    {
        if (tooMuch is not null)
            throw Bad(ReplayFault.BringsMore, offset, $"brings more than snapshots of one dataset, at byte {offset}: {tooMuch}");
    }

    private ReplayException WrongSum(long offset) =>
        Bad(ReplayFault.Damaged, offset, $"is damaged between byte {SoundTo} and byte {offset + ReplayRecord.Size}: the checksum there is wrong");

    private ReplayException Unexpected(in ReplayRecord record, long offset) =>
        Bad(ReplayFault.Damaged, offset, $"has a record of type {record.Type} at byte {offset}, where it cannot stand");

    private ReplayException Bad(ReplayFault fault, long offset, string what) => new(fault, offset, SoundTo, $"The ZFS stream {what}.");
}
