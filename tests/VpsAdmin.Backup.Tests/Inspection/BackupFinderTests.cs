using VpsAdmin.Backup.Inspection;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Inspection;

public class BackupFinderTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 1, 0, 0, TimeSpan.Zero);

    private static ZfsDataset Filesystem(string name, long used = 0, long referenced = 0) => new(name, "/" + name, true, true, used, referenced, 0);

    private static ZfsSnapshot Snapshot(string dataset, string name, int day, int holds = 0) =>
        new(new SnapshotName(dataset, name), (ulong)day, Start.AddDays(day), (ulong)day, holds, 100 * day);

    private static IReadOnlyList<LocalBackup> Find(string root, bool recurse, IReadOnlyList<string> filesystems, IReadOnlyList<ZfsSnapshot> snapshots, params (string, string)[] remembered) =>
        BackupFinder.Find(root, recurse, BackupInspector.Daily, [.. filesystems.Select(static f => Filesystem(f))], snapshots, remembered.ToDictionary(static r => r.Item1, static r => r.Item2));

    [Fact]
    public void Histories_are_told_apart_and_everything_else_is_ignored()
    {
        var backup = Assert.Single(Find("tank/web", recurse: false,
            ["tank/web", "tank/web/10", "tank/web/2", "tank/web/0.old", "tank/web/restore-files"],
            [Snapshot("tank/web", "own", 1), Snapshot("tank/web/2", "a", 2), Snapshot("tank/web/2", "b", 3), Snapshot("tank/web/10", "c", 4), Snapshot("tank/web/0.old", "x", 5)],
            ("tank/web", "42")));

        Assert.Equal(42, backup.DatasetId);
        Assert.Equal([2, 10], backup.Histories.Select(static h => h.HistoryId));
        Assert.Equal(["tank/web/2@a", "tank/web/2@b", "tank/web/10@c"], backup.Snapshots.Select(static s => s.ToString()));
        Assert.Equal(("a", "c"), (backup.Oldest!.Name, backup.Newest!.Name));
    }

    [Fact]
    public void The_base_is_the_newest_of_the_last_history_even_if_an_older_one_has_a_newer()
    {
        var backup = Assert.Single(Find("t", recurse: false, ["t", "t/0", "t/1", "t/2"], [Snapshot("t/0", "z", 9), Snapshot("t/1", "a", 2), Snapshot("t/1", "b", 3, holds: 1)]));
        Assert.Equal("t/1@b", backup.Base!.ToString());
        Assert.True(backup.IsBaseHeld);
        Assert.Equal("z", backup.Newest!.Name);
    }

    [Fact]
    public void A_filesystem_without_anything_is_an_empty_backup()
    {
        var backup = Assert.Single(Find("t", recurse: false, ["t", "t/x"], []));
        Assert.Equal((null, 0, null, null), (backup.DatasetId, backup.Snapshots.Count, backup.Newest, backup.Base));
        Assert.False(backup.IsBaseHeld);
    }

    [Fact]
    public void What_is_remembered_but_no_id_is_no_id() => Assert.Null(Assert.Single(Find("t", recurse: false, ["t"], [], ("t", "web"))).DatasetId);

    [Fact]
    public void Gaps_are_found_across_histories()
    {
        var backup = Assert.Single(Find("t", recurse: false, ["t", "t/0", "t/1"], [Snapshot("t/0", "a", 1), Snapshot("t/0", "b", 2), Snapshot("t/1", "c", 3), Snapshot("t/1", "d", 6)]));
        Assert.Equal(new BackupGap(Start.AddDays(3), Start.AddDays(6), 2), Assert.Single(backup.Gaps));
    }

    [Fact]
    public void Below_a_root_backups_are_those_that_remember_or_hold_something() => Assert.Equal(
        ["tank/kept", "tank/new", "tank/kept/0/other"],
        Find("tank", recurse: true,
            ["tank", "tank/kept", "tank/kept/0", "tank/kept/0/5", "tank/new", "tank/data", "tank/data/2024", "tank/kept/0/other"],
            [Snapshot("tank/kept/0", "a", 1), Snapshot("tank/kept/0/5", "nested", 1)],
            ("tank/new", "7"), ("tank/kept/0/other", "8")).Select(static b => b.Filesystem));

    [Fact]
    public void A_backup_whose_own_name_is_a_number_is_found_by_what_it_remembers() =>
        Assert.Equal(["tank/101"], Find("tank", recurse: true, ["tank", "tank/101", "tank/101/0"], [Snapshot("tank/101/0", "a", 1)], ("tank/101", "7")).Select(static b => b.Filesystem));
}
