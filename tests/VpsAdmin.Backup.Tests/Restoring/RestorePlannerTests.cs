using VpsAdmin.Backup.Inspection;
using VpsAdmin.Backup.Restoring;

namespace VpsAdmin.Backup.Tests.Restoring;

public class RestorePlannerTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 1, 0, 0, TimeSpan.Zero);

    // After a rollback to b on the server, b is in both histories.
    private static readonly LocalBackup Backup = new("tank/web", 7,
        [History(0, ("a", 1), ("b", 2), ("c", 3)), History(1, ("b", 2), ("d", 4)), new BackupHistory(2, "tank/web/2", [], 0, 0)], 0, []);

    private static BackupHistory History(int id, params (string Name, int Day)[] snapshots) => new(id, $"tank/web/{id}",
        [.. snapshots.Select(s => new BackupSnapshot($"tank/web/{id}", id, s.Name, Start.AddDays(s.Day), 1, false, 1000 * s.Day))], 0, 0);

    private static string Choose(int? history = null, string? name = null, double? day = null) =>
        RestorePlanner.Choose(Backup, new RestoreSelection(history, name, day is { } d ? Start.AddDays(d) : null)).ToString();

    [Fact]
    public void By_default_it_is_the_newest() => Assert.Equal("tank/web/1@d", Choose());

    [Fact]
    public void A_name_in_two_histories_is_that_of_the_newer() => Assert.Equal("tank/web/1@b", Choose(name: "b"));

    [Fact]
    public void A_history_can_be_chosen() => Assert.Equal(("tank/web/0@b", "tank/web/0@c"), (Choose(0, "b"), Choose(0)));

    [Theory]
    [InlineData(1, "tank/web/0@a")]
    [InlineData(3.9, "tank/web/0@c")]
    [InlineData(4, "tank/web/1@d")]
    [InlineData(99, "tank/web/1@d")]
    public void A_time_takes_the_newest_that_is_not_younger(double day, string expected) => Assert.Equal(expected, Choose(day: day));

    [Fact]
    public void What_is_not_there_is_said_with_what_is()
    {
        foreach (var (choose, words) in ((Func<string>, string)[])[
            (static () => Choose(name: "x"), "has no snapshot @x; it has 5 snapshots, @a to @d"),
            (static () => Choose(day: 0.5), "2026-11-01 13:00:00 UTC or before"),
            (static () => Choose(history: 2), "holds no snapshots of history 2")])
        {
            var error = Assert.Throws<RestoreException>(choose);
            Assert.Equal(RestoreFailure.SnapshotNotFound, error.Failure);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("tank/web", false)]
    [InlineData("tank/web/7", false)]
    [InlineData("tank/web2", true)]
    public void Nothing_is_restored_into_the_backup_itself(string target, bool allowed)
    {
        RestorePlan Plan() => RestorePlanner.Plan(Backup, new RestoreSelection(), new DatasetTarget(target));
        if (allowed)
            Assert.Equal(4000, Plan().Bytes);
        else
            Assert.Equal(RestoreFailure.TargetConflict, Assert.Throws<RestoreException>(Plan).Failure);
    }

    [Theory]
    [InlineData("/", "")]
    [InlineData("", "")]
    [InlineData("/etc//nginx/", "etc nginx")]
    [InlineData("a b/..c", "a b ..c")]
    public void Paths_are_taken_apart(string path, string components) => Assert.Equal(components, string.Join(' ', SnapshotPath.Parse(path).Components));

    [Theory]
    [InlineData("../etc")]
    [InlineData("etc/../../x")]
    [InlineData("./x")]
    [InlineData("x\0y")]
    public void Paths_that_lead_elsewhere_are_refused(string path) =>
        Assert.Equal(RestoreFailure.PathNotFound, Assert.Throws<RestoreException>(() => SnapshotPath.Parse(path)).Failure);
}
