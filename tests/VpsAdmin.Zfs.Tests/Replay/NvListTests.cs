using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Zfs.Tests.Replay;

/// <summary>Lists of names and values as libnvpair packs them.</summary>
public sealed class NvListTests
{
    [Fact]
    public void Every_value_that_a_header_has_is_read()
    {
        var list = NvList.Parse(NvBytes.Header(tree: false, NvBytes.Filesystem("tank/a", new NvBytes().Text("my:own", "x").Number("compression", 2))).Packed());
        Assert.Equal(["tosnap", "not_recursive", "fss"], list.Names);
        Assert.Equal("s", list.Text("tosnap"));
        Assert.True(list.Has("not_recursive"));
        var filesystem = list.List("fss")!.List("0x1")!;
        Assert.Equal("tank/a", filesystem.Text("name"));
        Assert.Equal(["my:own", "compression"], filesystem.List("props")!.Names);
        Assert.Equal(0, filesystem.List("snapprops")!.List("s")!.Count);
        Assert.Null(list.List("tosnap"));
        Assert.Null(list.Text("fss"));
    }

    [Fact]
    public void A_list_that_ends_at_any_byte_is_none()
    {
        var packed = NvBytes.Header(tree: false, NvBytes.Filesystem("tank/a")).Packed();
        for (var cut = 0; cut < packed.Length; cut++)
            Refused(packed[..cut]);
        Refused([.. packed, 0]);
    }

    [Fact]
    public void Lists_that_two_readers_could_understand_in_two_ways_are_refused()
    {
        Refused(new NvBytes().Flag("a").Flag("a").Packed());
        Refused(new NvBytes().Text("a", "b\0c").Packed());
        Refused(new NvBytes().Text("a\0", "b").Packed());
        // Padding that is not zero.
        Refused(With(new NvBytes().Text("a", "b").Packed(), ^9, 1));
        // A pair that is longer, or shorter, than it says; one that is none for libnvpair.
        Refused(With(new NvBytes().Flag("a").Packed(), 15, 28));
        Refused(With(new NvBytes().Flag("a").Packed(), 15, 20));
        Refused(With(new NvBytes().Flag("a").Packed(), 19, 0));
        Refused(new NvBytes().Add("a", 8, new byte[16], count: 2).Packed());
        Refused(new NvBytes().Add("a", 1, new byte[4], count: 1).Packed());
    }

    [Fact]
    public void Packing_versions_and_types_that_headers_do_not_have_are_refused()
    {
        var packed = new NvBytes().Flag("a").Packed();
        // As the machine has it in its memory.
        Refused(With(packed, 0, 0));
        Refused(With(packed, 1, 2));
        Refused(With(packed, 7, 1));
        Refused(With(packed, 11, 0));
        Refused(new NvBytes().Add("a", 20, new byte[24]).Packed());
    }

    [Fact]
    public void Lists_in_lists_end_somewhere()
    {
        var list = new NvBytes();
        for (var n = 0; n < 5; n++)
            list = new NvBytes().List("a", list);
        NvList.Parse(list.Packed());
        Refused(new NvBytes().List("a", list).Packed());
    }

    private static byte[] With(byte[] packed, Index at, byte value)
    {
        var changed = packed.ToArray();
        changed[at] = value;
        return changed;
    }

    private static void Refused(byte[] packed) => Assert.Throws<FormatException>(() => NvList.Parse(packed));
}
