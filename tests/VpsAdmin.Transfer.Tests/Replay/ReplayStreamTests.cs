using VpsAdmin.Transfer.Replay;

namespace VpsAdmin.Transfer.Tests.Replay;

public sealed class ReplayStreamTests
{
    private static StreamBytes EveryRecord(bool bigEndian) => new StreamBytes(bigEndian)
        .Begin("tank/a@s", 77, 66)
        .Object(88).Object(5).Object(3, rawBonusLength: 17).FreeObjects()
        .Write(131_072).Write(131_072, compressedSize: 4_099)
        .Free().Bare(6).Spill(512).Spill(512, compressedSize: 100).WriteEmbedded(13).Bare(9).Bare(10)
        .End(77);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_record_is_walked_in_either_byte_order_and_in_pieces_of_any_size(bool bigEndian)
    {
        var bytes = EveryRecord(bigEndian).ToArray();
        foreach (var piece in (int[])[1, 7, 311, 312, 313, 4096, int.MaxValue])
        {
            var stream = new ReplayStream();
            foreach (var chunk in bytes.Chunk(Math.Min(piece, bytes.Length)))
                stream.Read(chunk);
            Assert.True(stream.IsComplete);
            Assert.False(stream.IsCompound);
            Assert.Equal(bytes.Length, stream.Position);
            Assert.Equal([new ReplaySubstream("tank/a@s", 77, 66)], stream.Substreams);
            stream.Finish();
        }
    }

    [Fact]
    public void BUG_2_a_stream_cut_at_any_byte_is_not_complete()
    {
        var bytes = new StreamBytes().Begin("tank/a@s", 77).Object(5).Write(600).End(77).ToArray();
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var stream = new ReplayStream();
            stream.Read(bytes.AsSpan(0, cut));
            Assert.False(stream.IsComplete);
            Refused(stream.Finish);
        }
    }

    [Fact]
    public void A_compound_stream_yields_its_streams()
    {
        var stream = Read(new StreamBytes().CompoundBegin("tank/a@c").Substream("tank/a@b", 2, 1).Substream("tank/a@c", 3, 2).End(0));
        Assert.True(stream.IsComplete);
        Assert.True(stream.IsCompound);
        Assert.Equal([new("tank/a@b", 2, 1), new("tank/a@c", 3, 2)], stream.Substreams);
    }

    [Fact]
    public void BUG_2_a_compound_stream_without_its_last_end_is_not_complete()
    {
        var stream = Read(new StreamBytes().CompoundBegin("tank/a@c").Substream("tank/a@b", 2, 1).Substream("tank/a@c", 3, 2));
        Refused(stream.Finish);
    }

    [Fact]
    public void A_compound_stream_that_gave_up_before_the_snapshot_it_promised_is_refused() =>
        Refused(() => Read(new StreamBytes().CompoundBegin("tank/a@c").Substream("tank/a@b", 2, 1).End(0)));

    [Fact]
    public void A_substream_that_gave_up_and_was_closed_by_the_last_end_is_refused() =>
        Refused(() => Read(new StreamBytes().CompoundBegin("tank/a@c").Begin("tank/a@c", 3, 2).Write(1000).End(0)));

    [Fact]
    public void Data_that_is_no_stream_is_refused() => Refused(() => new ReplayStream().Read(new byte[312]));

    [Fact]
    public void Bytes_behind_the_end_are_refused() => Refused(() => Read(new StreamBytes().Begin("a@b", 1).End(1).Free()));

    [Fact]
    public void A_record_outside_of_a_stream_is_refused() => Refused(() => Read(new StreamBytes().CompoundBegin("a@b").Free()));

    [Fact]
    public void A_stream_inside_a_simple_stream_is_refused() => Refused(() => Read(new StreamBytes().Begin("a@b", 1).Begin("a@c", 2)));

    [Fact]
    public void An_unknown_record_is_named()
    {
        var error = Refused(() => Read(new StreamBytes().Begin("a@b", 1).Bare(11)));
        Assert.Contains("type 11 at byte 312", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_length_that_makes_no_sense_is_refused()
    {
        var bytes = new StreamBytes().Begin("a@b", 1).Write(0).ToArray();
        bytes[312 + 32 + 7] = 0xff;
        Refused(() => new ReplayStream().Read(bytes));
    }

    private static ReplayStream Read(StreamBytes bytes)
    {
        var stream = new ReplayStream();
        stream.Read(bytes.ToArray());
        return stream;
    }

    private static TransferException Refused(Action read)
    {
        var error = Assert.Throws<TransferException>(read);
        Assert.Equal(TransferFailure.BadStream, error.Failure);
        return error;
    }
}
