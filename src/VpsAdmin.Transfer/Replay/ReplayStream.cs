namespace VpsAdmin.Transfer.Replay;

/// <summary>One snapshot's stream inside a stream.</summary>
/// <param name="ToName">Full name of the snapshot where it was sent from.</param>
/// <param name="FromGuid">0: full.</param>
public sealed record ReplaySubstream(string ToName, ulong ToGuid, ulong FromGuid);

/// <summary>
/// Walks the records of a ZFS send stream (OpenZFS zfs_ioctl.h, dmu_replay_record) in pieces of any size, and tells whether it is whole.
/// A simple stream is BEGIN … END. A compound one (<c>send -I</c>, <c>-R</c>) is BEGIN with a packed list, END, any number of simple streams, and
/// one more END, which libzfs writes even when it failed in between: hence the checks that each END closes its own BEGIN and that the
/// snapshot promised by the first BEGIN has come.
/// </summary>
public sealed class ReplayStream
{
    private readonly byte[] _record = new byte[ReplayRecord.Size];
    private readonly List<ReplaySubstream> _substreams = [];
    private readonly List<long> _ends = [];
    private int _recordFill;
    private long _payloadLeft;
    private Place _place = Place.Start;
    private bool _isSwapped;
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

    /// <summary>True when the stream has ended as it should.</summary>
    public bool IsComplete => _place == Place.Done && _recordFill == 0 && _payloadLeft == 0;

    /// <summary>A stream of several parts: <c>send -I</c> or <c>-R</c>.</summary>
    public bool IsCompound => _promised is not null;

    /// <summary>Streams that have begun, in order.</summary>
    public IReadOnlyList<ReplaySubstream> Substreams => _substreams;

    /// <summary>Streams that end within the first so many bytes, in order.</summary>
    public IReadOnlyList<ReplaySubstream> EndedBefore(long position) => [.. _substreams.Take(_ends.Count(end => end <= position))];

    /// <summary>Reads the next bytes.</summary>
    /// <exception cref="TransferException"><see cref="TransferFailure.BadStream"/></exception>
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
    /// <exception cref="TransferException"><see cref="TransferFailure.BadStream"/>: it is cut short.</exception>
    public void Finish()
    {
        if (!IsComplete)
            throw Bad($"The ZFS stream is cut short at byte {Position}: its end record is missing. The export failed on the server, whatever its checksum says");
    }

    private int TakePayload(ReadOnlySpan<byte> bytes)
    {
        var taken = (int)Math.Min(_payloadLeft, bytes.Length);
        _payloadLeft -= taken;
        return taken;
    }

    private int TakeRecord(ReadOnlySpan<byte> bytes)
    {
        if (_place == Place.Done)
            throw Bad($"The ZFS stream goes on behind its end, at byte {Position}");
        var taken = Math.Min(ReplayRecord.Size - _recordFill, bytes.Length);
        bytes[..taken].CopyTo(_record.AsSpan(_recordFill));
        _recordFill += taken;
        if (_recordFill == ReplayRecord.Size)
        {
            _recordFill = 0;
            OnRecord(Position + taken - ReplayRecord.Size);
        }
        return taken;
    }

    private void OnRecord(long offset)
    {
        if (_place == Place.Start && !ReplayRecord.TryFindOrder(_record, out _isSwapped))
            throw Bad("The decoded export is not a ZFS stream");
        var record = new ReplayRecord(_record, _isSwapped);
        switch (record.Type)
        {
            case ReplayRecordType.Begin:
                OnBegin(record, offset);
                break;
            case ReplayRecordType.End:
                OnEnd(record, offset);
                break;
            default:
                if (_place is not (Place.InSimple or Place.InSubstream))
                    throw Unexpected(record, offset);
                break;
        }
        _payloadLeft = record.PayloadLength
            ?? throw Bad($"The ZFS stream has a record of type {(uint)record.Type} at byte {offset}, which this program does not know or whose length makes no sense");
    }

    private void OnBegin(in ReplayRecord record, long offset)
    {
        if (!record.HasMagic)
            throw Bad($"The ZFS stream has a BEGIN record without its mark at byte {offset}");
        switch (_place, record.HeaderType)
        {
            case (Place.Start, ReplayHeaderType.Compound):
                _promised = record.ToName;
                _place = Place.InHeader;
                return;
            case (Place.Start, ReplayHeaderType.Substream):
                _place = Place.InSimple;
                break;
            case (Place.Between, ReplayHeaderType.Substream):
                _place = Place.InSubstream;
                break;
            default:
                throw Unexpected(record, offset);
        }
        _substreams.Add(new ReplaySubstream(record.ToName, record.ToGuid, record.FromGuid));
    }

    private void OnEnd(in ReplayRecord record, long offset)
    {
        switch (_place)
        {
            case Place.InHeader:
                _place = Place.Between;
                break;
            case Place.InSimple or Place.InSubstream when record.EndToGuid != _substreams[^1].ToGuid:
                throw Bad($"The ZFS stream of '{_substreams[^1].ToName}' ends at byte {offset} with the end record of something else: sending it failed on the server");
            case Place.InSimple:
                _ends.Add(offset + ReplayRecord.Size);
                _place = Place.Done;
                break;
            case Place.InSubstream:
                _ends.Add(offset + ReplayRecord.Size);
                _place = Place.Between;
                break;
            case Place.Between when _substreams.All(s => s.ToName != _promised):
                throw Bad($"The ZFS stream ends at byte {offset} without '{_promised}', which it promised: sending it failed on the server");
            case Place.Between:
                _place = Place.Done;
                break;
            default:
                throw Unexpected(record, offset);
        }
    }

    private static TransferException Unexpected(in ReplayRecord record, long offset) => Bad($"The ZFS stream has a record of type {record.Type} at byte {offset}, where it cannot stand");

    private static TransferException Bad(string message) => new(TransferFailure.BadStream, message + ".");
}
