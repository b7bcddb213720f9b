using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Zfs.Tests.Replay;

/// <summary>Streams that bring more than snapshots of one dataset, for who wants no more.</summary>
public sealed class OneDatasetTests
{
    [Fact]
    public void Snapshots_of_one_dataset_are_all_right()
    {
        Read(StreamBytes.Simple(1000));
        Read(Stream([]));
    }

    [Theory]
    [InlineData("tank/a/child@s")]
    [InlineData("tank/b@s")]
    [InlineData("tank@s")]
    [InlineData("tank/a/../../b@s")]
    [InlineData("tank/a@s@t")]
    [InlineData("tank/a")]
    public void A_stream_of_another_dataset_among_them_is_refused_where_it_begins(string name)
    {
        var before = new StreamBytes().CompoundBegin("tank/a@s", []).Substream("tank/a@r", 1, 0).ToArray().Length;
        var bytes = new StreamBytes().CompoundBegin("tank/a@s", []).Substream("tank/a@r", 1, 0).Substream(name, 2, 0).Substream("tank/a@s", 3, 1).Conclusion().ToArray();
        var error = Refused(bytes, $"'{name}', which is not a snapshot of 'tank/a'");
        Assert.Equal(before, error.Offset);
        // Its BEGIN is enough.
        Refused(bytes[..(before + 312)], name);
        var unasked = new ReplayStream();
        unasked.Read(bytes);
        unasked.Finish();
    }

    [Theory]
    [InlineData(8)]
    [InlineData(200_000)]
    public void A_header_with_a_list_is_refused_where_it_begins_whatever_is_in_the_list(int bytes)
    {
        Assert.Equal(0, Refused(Stream(new byte[bytes]), "a list of filesystems and properties in its header (zfs send -R, -p or -h)").Offset);
        new ReplayStream().Read(Stream(new byte[bytes]));
    }

    [Fact]
    public void A_header_without_a_dataset_is_refused() => Refused(new StreamBytes().CompoundBegin("tank/a", []).ToArray(), "a name that is not one of a snapshot");

    [Fact]
    public void A_damaged_header_is_damaged_and_not_hostile()
    {
        var bytes = Stream([]);
        bytes[100] ^= 0x10;
        var stream = new ReplayStream(oneDataset: true);
        Assert.Equal(ReplayFault.Damaged, Assert.Throws<ReplayException>(() => stream.Read(bytes)).Fault);
    }

    private static byte[] Stream(byte[] list) =>
        new StreamBytes().CompoundBegin("tank/a@s", list).Substream("tank/a@r", 1, 0).Substream("tank/a@s", 2, 1).Conclusion().ToArray();

    private static ReplayException Refused(byte[] bytes, string what)
    {
        var error = Assert.Throws<ReplayException>(() => Read(bytes));
        Assert.Equal(ReplayFault.BringsMore, error.Fault);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        return error;
    }

    private static void Read(byte[] bytes)
    {
        var stream = new ReplayStream(oneDataset: true);
        foreach (var piece in bytes.Chunk(77))
            stream.Read(piece);
        stream.Finish();
    }
}
