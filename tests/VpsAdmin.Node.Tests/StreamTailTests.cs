using System.Runtime.InteropServices;
using VpsAdmin.Node.Exports;

namespace VpsAdmin.Node.Tests;

public sealed class StreamTailTests
{
    private const ulong Guid = 0x2e0daf8d3402b4bd;
    private static readonly byte[] Data = Record(type: 1, guid: 7);
    private static readonly byte[] End = Record(type: 5, Guid);
    private static readonly byte[] Conclusion = Record(type: 5, guid: 0);

    [Theory]
    [InlineData(1)]
    [InlineData(311)]
    [InlineData(313)]
    [InlineData(100_000)]
    public void A_stream_is_complete_however_it_is_cut_into_pieces(int piece)
    {
        Assert.True(Tail([.. Data, .. Data, .. End], piece).EndsSnapshot(Guid));
        Assert.True(Tail([.. Data, .. Data, .. End, .. Conclusion], piece).EndsSnapshot(Guid));
    }

    [Fact]
    public void A_stream_that_lacks_its_end_is_not_complete()
    {
        byte[] whole = [.. Data, .. Data, .. End];
        Assert.False(Tail(whole[..^1]).EndsSnapshot(Guid));
        Assert.False(Tail(whole[..^312]).EndsSnapshot(Guid));
        Assert.False(Tail([]).EndsSnapshot(Guid));
        Assert.False(Tail([.. Data, .. Record(type: 5, guid: 9)]).EndsSnapshot(Guid));
        // What zfs send -I writes after it failed.
        Assert.False(Tail([.. Data, .. Conclusion, .. Conclusion]).EndsSnapshot(Guid));
    }

    private static StreamTail Tail(byte[] stream, int piece = 4096)
    {
        var tail = new StreamTail();
        foreach (var chunk in stream.Chunk(piece))
            tail.Append(chunk);
        return tail;
    }

    private static byte[] Record(uint type, ulong guid)
    {
        var record = new byte[312];
        MemoryMarshal.Write(record, type);
        MemoryMarshal.Write(record.AsSpan(40), guid);
        return record;
    }
}
