namespace VpsAdmin.Backup.Tests.Planning;

public sealed class OwnHistoriesTests
{
    private const string Server = "https://api.example.org/";

    private static readonly RemoteInventory Remote = Sides.Remote("0:ABC 1:D", current: 1) with { Server = Server };

    private static string Own => new BackupMark(7, Server).ToString();

    [Fact]
    public void What_has_no_mark_is_known_by_a_snapshot_that_the_server_has_in_that_history() =>
        Assert.Equal([0, 1], OwnHistories.Of(Sides.Local("0:AX 1:D 2:AB 2019:XY 2020:"), Remote).Order());

    [Theory]
    [InlineData("7@https://api.example.org/", true)]
    [InlineData("8@https://api.example.org/", false)]
    [InlineData("7@https://other.example.org/", false)]
    [InlineData("garbage", false)]
    public void A_mark_counts_more_than_names_and_is_enough_without_them(string mark, bool own)
    {
        var local = Sides.Local("0:ABC 3:") with { Marks = new Dictionary<int, string> { [0] = mark, [3] = mark } };
        Assert.Equal(own ? [0, 3] : [], OwnHistories.Of(local, Remote).Order());
    }

    [Fact]
    public void What_is_not_own_is_nothing_to_rotate()
    {
        var local = OwnHistories.Only(Sides.Local("0:AB 2019:XYZ"), Remote);
        Assert.Equal([0], local.HistoryIds);
        Assert.All(RotationPlanner.Plan(local, 1, new RotationPolicy(1, 1), Sides.Now).Snapshots, static s => Assert.Equal(0, s.HistoryId));
    }

    [Fact]
    public void Only_what_had_the_filesystems_own_mark_goes_over_with_it()
    {
        var before = new BackupMark(7, "https://former.example.org/");
        var local = Sides.Local("0:A 1:D 2:X") with { Mark = before, Marks = new Dictionary<int, string> { [0] = before.ToString(), [2] = "9@https://former.example.org/" } };
        var after = OwnHistories.Remarked(local, Remote);
        Assert.Equal((Remote.Mark, Own, "9@https://former.example.org/"), (after.Mark!, after.Marks[0], after.Marks[2]));
        Assert.False(after.Marks.ContainsKey(1));
    }

    [Fact]
    public void A_place_to_set_aside_to_is_always_free() =>
        Assert.Equal(
            ["tank/0.old", "tank/0.old-2026-01-01T00-00-00", "tank/0.old-2026-01-01T00-00-00-3"],
            new[] { 0, 1, 2 }.Select(static taken => FreePlace.Name("tank/0", "2026-01-01T00:00:00", new[] { "tank/0.old", "tank/0.old-2026-01-01T00-00-00" }.Take(taken).ToHashSet())));
}
