using VpsAdmin.Backup.Inspection;

namespace VpsAdmin.Backup.Tests.Inspection;

public class BackupFreshnessTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly BackupLimits Limits = new(TimeSpan.FromHours(30), TimeSpan.FromHours(26));

    internal static LocalBackup Backup(string filesystem, params double[] agesInHours) => new(filesystem, 7,
        [new BackupHistory(0, filesystem + "/0", [.. agesInHours.OrderDescending().Select((age, i) => new BackupSnapshot(filesystem + "/0", 0, $"s{i}", Now.AddHours(-age), (ulong)i, false, 0))], 0, 0)], 0, []);

    [Theory]
    [InlineData(0, BackupState.Ok)]
    [InlineData(26, BackupState.Ok)]
    [InlineData(26.1, BackupState.Warning)]
    [InlineData(30, BackupState.Warning)]
    [InlineData(30.1, BackupState.Critical)]
    [InlineData(-0.5, BackupState.Ok)]
    public void The_newest_snapshot_decides(double age, BackupState expected)
    {
        var check = BackupFreshness.Judge(Backup("tank/web", 100, age), Limits, Now);
        Assert.Equal(expected, check.State);
        Assert.Equal((int)expected, check.ExitCode);
        Assert.Equal(expected != BackupState.Critical, check.IsFresh);
        Assert.Equal(TimeSpan.FromHours(Math.Max(age, 0)), check.Age);
    }

    [Fact]
    public void Without_a_warning_age_there_is_no_warning() =>
        Assert.Equal(BackupState.Ok, BackupFreshness.Judge(Backup("t", 29), new BackupLimits(TimeSpan.FromHours(30)), Now).State);

    [Fact]
    public void No_snapshots_are_no_backup() => Assert.Equal(BackupState.Critical, BackupFreshness.Judge(Backup("t"), Limits, Now).State);

    [Fact]
    public void A_snapshot_of_the_future_does_not_hide_that_no_more_come()
    {
        var check = BackupFreshness.Judge(Backup("t", 400, -9000), Limits, Now);
        Assert.Equal(BackupState.Critical, check.State);
        Assert.Contains("future", check.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(42, "42 s")]
    [InlineData(3600, "1 h")]
    [InlineData(3 * 3600 + 5 * 60 + 7, "3 h 5 min")]
    [InlineData(86400 * 400 + 60, "400 d")]
    public void Ages_are_told_in_two_units(int seconds, string expected) => Assert.Equal(expected, BackupFreshness.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_plugin_prints_one_line_with_performance_data()
    {
        var report = MonitoringReport.Of([BackupFreshness.Judge(Backup("tank/web", 2), Limits, Now)]);
        Assert.Equal("BACKUP OK - tank/web/0@s0 is 2 h old. | 'tank/web'=7200s;93600;108000;0", report.Text);
        Assert.Equal(0, report.ExitCode);
    }

    [Fact]
    public void The_worst_of_several_is_the_exit_status_and_is_told_first()
    {
        var report = MonitoringReport.Of([
            BackupFreshness.Judge(Backup("a", 2), Limits, Now), BackupFreshness.Judge(Backup("b", 99), Limits, Now), BackupFreshness.Unknown("c", Limits, "no | such\nthing")]);
        Assert.Equal(2, report.ExitCode);
        Assert.Equal(
            ["BACKUP CRITICAL - 1 of 3 backups are fresh; b/0@s0 is 4 d 3 h old; it must not be older than 1 d 6 h. | 'a'=7200s;93600;108000;0 'b'=356400s;93600;108000;0",
             "OK: a/0@s0 is 2 h old.", "CRITICAL: b/0@s0 is 4 d 3 h old; it must not be older than 1 d 6 h.", "UNKNOWN: no / such thing"],
            report.Text.Split('\n'));
    }

    [Fact]
    public void Nothing_to_look_at_is_unknown_and_not_well() => Assert.Equal(3, MonitoringReport.Of([]).ExitCode);

    [Fact]
    public void What_could_not_be_looked_at_is_unknown() => Assert.Equal(3, MonitoringReport.Of([BackupFreshness.Unknown("c", Limits, "x")]).ExitCode);
}
