using CsCheck;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Zfs.Tests.Replay;

public sealed class ReplayStreamTests
{
    private static StreamBytes EveryRecord(bool bigEndian, bool old) => new StreamBytes(bigEndian, old)
        .Begin("tank/a@s", 77, 66)
        .Object(88).Object(5).Object(3, rawBonusLength: 17).FreeObjects()
        .Write(131_072).Write(131_072, compressedSize: 4_099)
        .Free().Bare(6).Spill(512).Spill(512, compressedSize: 100).WriteEmbedded(13).Bare(9).Bare(10)
        .End(77);

    private static StreamBytes Several(bool old = false) => new StreamBytes(old: old)
        .CompoundBegin("tank/a@c").Substream("tank/a@b", 2, 1, 600).Substream("tank/a@c", 3, 2, 700).Conclusion();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Every_record_is_walked_in_either_byte_order_and_in_pieces_of_any_size(bool bigEndian, bool old)
    {
        var bytes = EveryRecord(bigEndian, old).ToArray();
        var whole = Read(bytes);
        Gen.Int[1, 5000].Array[1, 20].Sample(sizes =>
        {
            var stream = new ReplayStream();
            var rest = bytes.AsMemory();
            for (var i = 0; !rest.IsEmpty; i++)
            {
                var size = Math.Min(sizes[i % sizes.Length], rest.Length);
                stream.Read(rest.Span[..size]);
                rest = rest[size..];
            }
            stream.Finish();
            Assert.Equal(whole.Substreams, stream.Substreams);
            Assert.Equal(whole.Records, stream.Records);
        }, iter: 30, threads: 1);
        Assert.True(whole.IsComplete);
        Assert.False(whole.IsCompound);
        Assert.Equal(bytes.Length, whole.Position);
        Assert.Equal(bigEndian, whole.IsBigEndian);
        Assert.Equal(!old, whole.HasRecordChecksums);
        var only = Assert.Single(whole.Substreams);
        Assert.Equal(("tank/a@s", 77UL, 66UL), (only.ToName, only.ToGuid, only.FromGuid));
        Assert.Equal(["sa_spill"], only.Features.Names);
        Assert.Equal(new DateTimeOffset(2016, 6, 12, 23, 0, 1, TimeSpan.Zero), only.Creation);
    }

    [Fact]
    public void Records_and_their_bytes_are_counted()
    {
        var records = Read(EveryRecord(false, false).ToArray()).Records;
        Assert.Equal(11, records.Count);
        Assert.Equal(new ReplayTally(ReplayRecordType.Write, 2, 131_072 + 4_099, 2 * 131_072), records.Single(static t => t.Type == ReplayRecordType.Write));
        Assert.Equal(new ReplayTally(ReplayRecordType.Spill, 2, 512 + 100, 1024), records.Single(static t => t.Type == ReplayRecordType.Spill));
        Assert.Equal(new ReplayTally(ReplayRecordType.Object, 3, 88 + 8 + 17, 0), records.Single(static t => t.Type == ReplayRecordType.Object));
        Assert.Equal(new ReplayTally(ReplayRecordType.End, 1, 0, 0), records.Single(static t => t.Type == ReplayRecordType.End));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BUG_2_a_stream_cut_at_any_byte_is_cut_short_there(bool old)
    {
        foreach (var bytes in (byte[][])[new StreamBytes(old: old).Begin("tank/a@s", 77).Object(5).Write(600).End(77).ToArray(), Several(old).ToArray()])
        {
            for (var cut = 0; cut < bytes.Length; cut++)
            {
                var stream = Feed(bytes.AsSpan(0, cut));
                Assert.False(stream.IsComplete);
                var error = Refused(ReplayFault.CutShort, stream.Finish);
                Assert.Equal(cut, error.Offset);
                Assert.Contains($"byte {cut}:", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_byte_changed_is_noticed(bool old)
    {
        foreach (var bytes in (byte[][])[new StreamBytes(old: old).Begin("tank/a@s", 77).Object(5).Write(600).FreeObjects().End(77).ToArray(), Several(old).ToArray()])
        {
            for (var at = 0; at < bytes.Length; at++)
            {
                foreach (var change in (byte[])[1, 0x80, 0xff])
                {
                    bytes[at] ^= change;
                    Assert.Throws<ReplayException>(() => Read(bytes));
                    bytes[at] ^= change;
                }
            }
            Read(bytes);
        }
    }

    [Fact]
    public void Damage_is_found_at_the_next_record_of_a_stream_that_has_checksums_there()
    {
        var bytes = new StreamBytes().Begin("tank/a@s", 77).Write(1000).Write(1000).Write(1000).End(77).ToArray();
        bytes[312 + 312 + 500] ^= 1;
        var error = Refused(ReplayFault.Damaged, () => Read(bytes));
        Assert.Equal(312 + 312 + 1000, error.Offset);
        Assert.Equal(312 + 312, error.SoundTo);
    }

    [Fact]
    public void A_compound_stream_yields_its_streams()
    {
        var stream = Read(Several().ToArray());
        Assert.True(stream.IsComplete);
        Assert.True(stream.IsCompound);
        Assert.Equal([("tank/a@b", 2UL, 1UL), ("tank/a@c", 3UL, 2UL)], stream.Substreams.Select(static s => (s.ToName, s.ToGuid, s.FromGuid)));
    }

    [Fact]
    public void The_last_end_of_a_deduplicated_stream_has_a_sum()
    {
        var bytes = new StreamBytes(old: true).CompoundBegin("tank/a@b").Substream("tank/a@b", 2, 1).End(0).ToArray();
        Assert.True(Read(bytes).IsComplete);
        bytes[^300] ^= 1;
        Refused(ReplayFault.Damaged, () => Read(bytes));
    }

    [Fact]
    public void BUG_2_a_compound_stream_without_its_last_end_is_not_complete()
    {
        var stream = Feed(new StreamBytes().CompoundBegin("tank/a@c").Substream("tank/a@b", 2, 1).Substream("tank/a@c", 3, 2).ToArray());
        Refused(ReplayFault.CutShort, stream.Finish);
    }

    [Fact]
    public void BUG_2_a_compound_stream_that_gave_up_before_the_snapshot_it_promised_is_refused() =>
        Refused(ReplayFault.SendFailed, () => Read(new StreamBytes().CompoundBegin("tank/a@c").Substream("tank/a@b", 2, 1).Conclusion().ToArray()));

    [Fact]
    public void BUG_2_a_substream_that_gave_up_and_was_closed_by_the_last_end_is_refused() =>
        Refused(ReplayFault.SendFailed, () => Read(new StreamBytes().CompoundBegin("tank/a@c").Begin("tank/a@c", 3, 2).Write(1000).Conclusion().ToArray()));

    [Fact]
    public void A_stream_that_resumes_an_interrupted_receive_is_understood()
    {
        var stream = Read(new StreamBytes().Begin("tank/a@s", 77, payload: new byte[108], features: (1 << 20) | 4).Write(1000).End(77).ToArray());
        Assert.True(stream.Substreams[0].Features.IsResuming);
        Assert.Equal(108, stream.Records.Single(static t => t.Type == ReplayRecordType.Begin).PayloadBytes);
    }

    [Fact]
    public void Features_without_a_name_are_told_and_not_refused()
    {
        var stream = Read(new StreamBytes().Begin("tank/a@s", 77, features: (1 << 24) | (1 << 18) | (1 << 5)).End(77).ToArray());
        Assert.Equal(["bit5", "bit18", "raw"], stream.Substreams[0].Features.Names);
        Assert.True(stream.Substreams[0].Features.IsRaw);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1024)]
    public void A_record_of_a_later_version_is_skipped_by_its_length(int payload)
    {
        var stream = Read(new StreamBytes().Begin("a@b", 1).Later(11, payload).Write(100).End(1).ToArray());
        Assert.Equal(new ReplayTally((ReplayRecordType)11, 1, payload, 0), stream.Records[^1]);
    }

    [Fact]
    public void Without_checksums_a_record_of_a_later_version_is_refused_by_its_number()
    {
        var error = Refused(ReplayFault.NotUnderstood, () => Read(new StreamBytes(old: true).Begin("a@b", 1).Bare(11).ToArray()));
        Assert.Contains("type 11 at byte 312", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(312)]
    [InlineData(5000)]
    public void Data_that_is_no_stream_is_refused(int size) => Refused(ReplayFault.NotAStream, () => Feed(new byte[size]));

    [Fact]
    public void Bytes_behind_the_end_are_refused() =>
        Refused(ReplayFault.Damaged, () => Read(new StreamBytes().Begin("a@b", 1).End(1).Free().ToArray()));

    [Fact]
    public void A_record_outside_of_a_stream_is_refused() =>
        Refused(ReplayFault.Damaged, () => Read(new StreamBytes().CompoundBegin("a@b").Free().ToArray()));

    [Fact]
    public void A_stream_inside_a_simple_stream_is_refused() =>
        Refused(ReplayFault.Damaged, () => Read(new StreamBytes().Begin("a@b", 1).Begin("a@c", 2).ToArray()));

    [Fact]
    public void The_end_of_another_snapshot_is_refused() =>
        Refused(ReplayFault.Damaged, () => Read(new StreamBytes().Begin("a@b", 1).End(2).ToArray()));

    [Fact]
    public void A_length_that_makes_no_sense_is_refused()
    {
        var bytes = new StreamBytes(old: true).Begin("a@b", 1).Write(0).ToArray();
        bytes[312 + 32 + 7] = 0xff;
        Refused(ReplayFault.Damaged, () => Read(bytes));
    }

    private static ReplayStream Feed(ReadOnlySpan<byte> bytes)
    {
        var stream = new ReplayStream();
        stream.Read(bytes);
        return stream;
    }

    private static ReplayStream Read(byte[] bytes)
    {
        var stream = Feed(bytes);
        stream.Finish();
        return stream;
    }

    private static ReplayException Refused(ReplayFault fault, Action read)
    {
        var error = Assert.Throws<ReplayException>(read);
        Assert.Equal(fault, error.Fault);
        return error;
    }
}
