using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Zfs.Tests.Replay;

/// <summary>Streams that bring more than snapshots of one dataset, for who wants no more.</summary>
public sealed class OneDatasetTests
{
    private static readonly byte[] Harmless = NvBytes.Header(tree: false, NvBytes.Filesystem("tank/a")).Packed();

    [Fact]
    public void Snapshots_of_one_dataset_are_all_right_with_a_list_that_brings_nothing_and_without()
    {
        Read(StreamBytes.Simple(1000));
        Read(Stream([]));
        Read(Stream(Harmless));
        Read(Stream(NvBytes.Header(tree: false).Packed()));
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

    [Fact]
    public void Filesystems_properties_and_holds_in_the_header_are_refused_and_named()
    {
        Refused(NvBytes.Filesystem("tank/a", new NvBytes().Text("mountpoint", "/etc/cron.d")), "the property 'mountpoint' of 'tank/a'");
        Refused(NvBytes.Filesystem("tank/a", snapprops: new NvBytes().List("r", new()).List("s", new NvBytes().Text("my:own", "x"))), "properties of snapshots of 'tank/a'");
        Refused(NvBytes.Filesystem("tank/a").List("snapholds", new NvBytes().List("s", new NvBytes().Number("keep", 1))), "holds of 'tank/a'");
        Refused(NvBytes.Filesystem("tank/a/child"), "'tank/a/child' in its header, which is not 'tank/a'");
        Refused(NvBytes.Filesystem("tank/a").Number("origin", 5), "'origin' of 'tank/a'");
        Refused(new NvBytes().Number("parentfromsnap", 0), "a filesystem without a name");
        Refused(Stream(NvBytes.Header(tree: false, NvBytes.Filesystem("tank/a"), NvBytes.Filesystem("tank/a")).Packed()), "2 filesystems");
        Refused(Stream(NvBytes.Header(tree: true, NvBytes.Filesystem("tank/a")).Packed()), "a whole tree of filesystems (send -R)");
        Refused(Stream(NvBytes.Header(tree: false).Flag("raw").Packed()), "'raw' in its header");
        Refused(Stream(new NvBytes().Flag("not_recursive").Packed()), "no list of filesystems");
        Refused(Stream(new NvBytes().Flag("not_recursive").Text("fss", "x").Packed()), "no list of filesystems");
        Refused(NvBytes.Filesystem("tank/a").Text("snapholds", "x"), "holds of 'tank/a'");
        Refused(new NvBytes().Text("name", "tank/a").Text("props", "x"), "the property 'props'");
        Refused(new NvBytes().Text("name", "tank/a").Text("snapprops", "x"), "properties of snapshots");
    }

    [Fact]
    public void A_header_that_is_not_understood_is_refused()
    {
        Refused(Stream(new byte[1000]), "a list in its header that is not understood (it is not packed as XDR, before byte 4)");
        Refused(Stream(new byte[200_000]), "a list of 200000 bytes");
        Refused(new StreamBytes().CompoundBegin("tank/a", []).ToArray(), "a name that is not one of a snapshot");
    }

    [Fact]
    public void A_damaged_header_is_damaged_and_not_hostile()
    {
        var bytes = Stream(Harmless);
        bytes[400] ^= 0x10;
        var stream = new ReplayStream(oneDataset: true);
        Assert.Equal(ReplayFault.Damaged, Assert.Throws<ReplayException>(() => stream.Read(bytes)).Fault);
    }

    private static byte[] Stream(byte[] list) =>
        new StreamBytes().CompoundBegin("tank/a@s", list).Substream("tank/a@r", 1, 0).Substream("tank/a@s", 2, 1).Conclusion().ToArray();

    private static void Refused(NvBytes filesystem, string what) => Refused(Stream(NvBytes.Header(tree: false, filesystem).Packed()), what);

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
