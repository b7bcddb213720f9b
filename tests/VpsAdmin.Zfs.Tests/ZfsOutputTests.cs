namespace VpsAdmin.Zfs.Tests;

public sealed class ZfsOutputTests
{
    private static string Snapshot(string name, ulong guid, int txg, string holds = "0") =>
        $"{name}\ttype\tsnapshot\n{name}\tguid\t{guid}\n{name}\tcreation\t1465862400\n{name}\tcreatetxg\t{txg}\n{name}\tuserrefs\t{holds}\n{name}\treferenced\t122880\n";

    [Fact]
    public void Snapshots_are_grouped_by_dataset_and_ordered_by_transaction_group()
    {
        var text = "tank/a\ttype\tfilesystem\n" + Snapshot("tank/a@z-first", 1, 8) + Snapshot("tank/a@a-last", ulong.MaxValue, 30)
            + Snapshot("tank/a@m-middle", 3, 9) + "tank/a/b\ttype\tfilesystem\n" + Snapshot("tank/a/b@s", 4, 2, "3");

        var snapshots = ZfsOutput.Snapshots(text);

        Assert.Equal(["tank/a@z-first", "tank/a@m-middle", "tank/a@a-last", "tank/a/b@s"], snapshots.Select(s => s.Name.ToString()));
        Assert.Equal(ulong.MaxValue, snapshots[2].Guid);
        Assert.Equal(new DateTimeOffset(2016, 6, 14, 0, 0, 0, TimeSpan.Zero), snapshots[0].Creation);
        Assert.Equal(3, snapshots[3].Holds);
        Assert.Equal(122880, snapshots[0].Referenced);
    }

    [Fact]
    public void Snapshots_of_volumes_and_bookmarks_are_left_out()
    {
        var text = "tank/v\ttype\tvolume\n" + Snapshot("tank/v@s", 1, 8) + "tank/a#mark\ttype\tbookmark\n" + Snapshot("tank/a@s", 2, 8);
        Assert.Equal(["tank/a@s"], ZfsOutput.Snapshots(text).Select(s => s.Name.ToString()));
    }

    [Fact]
    public void A_pool_without_holds_has_none() =>
        Assert.Equal(0, Assert.Single(ZfsOutput.Snapshots(Snapshot("tank/a@s", 1, 8, "-"))).Holds);

    [Theory]
    [InlineData("/tank/a", "/tank/a")]
    [InlineData("/with a\ttab", "/with a\ttab")]
    [InlineData("none", null)]
    [InlineData("legacy", null)]
    public void A_filesystem_has_a_folder_or_none(string printed, string? mountpoint)
    {
        var text = $"tank\ttype\tfilesystem\ntank\tmountpoint\t{printed}\ntank\tmounted\tyes\ntank\treadonly\toff\ntank\tused\t7\ntank\treferenced\t5\ntank\tavailable\t9223372036854775807\n";
        Assert.Equal(new ZfsDataset("tank", mountpoint, true, false, 7, 5, long.MaxValue), Assert.Single(ZfsOutput.Filesystems(text)));
    }

    [Theory]
    [InlineData("tank\ttype")]
    [InlineData("tank@s\ttype\tsnapshot")]
    [InlineData("tank\ttype\tsnapshot\ntank\tguid\t1\ntank\tcreation\t1\ntank\tcreatetxg\t1\ntank\tuserrefs\t0\ntank\treferenced\t1")]
    [InlineData("tank@s\ttype\tsnapshot\ntank@s\tguid\t-1")]
    [InlineData("tank@s\ttype\tsnapshot\ntank@s\tguid\t1.5K")]
    public void Output_that_zfs_does_not_print_is_refused(string text) =>
        Assert.Throws<FormatException>(() => ZfsOutput.Snapshots(text));

    [Theory]
    [InlineData("full\ttank/a@s\t4096\nsize\t4096\n", 4096L)]
    [InlineData("incremental\ta\ttank@b\t10\nincremental\tb\ttank@c\t20\nsize\t30\n", 30L)]
    [InlineData("", null)]
    public void The_size_of_a_stream_is_on_its_own_line(string text, long? size) => Assert.Equal(size, ZfsOutput.SendSize(text));
}
