using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Keeping;

/// <summary>What a prompt of 100 columns shows of backups, schedules and chains.</summary>
public sealed class ViewTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private readonly EngineSession _session = new();

    public ViewTests() => _session.Run("Get-Command -Module VpsAdmin -Syntax");

    private static PSObject Snapshot(DateTimeOffset? time = null) =>
        ModuleRecord.New("VpsAdmin.Backup.Inspection.BackupSnapshot", "tank/backup/web/0", 0, "2026-03-04T05:06:07", time ?? Time, 1UL, true, 3L << 30);

    private static PSObject History() => ModuleRecord.New("VpsAdmin.Backup.Inspection.BackupHistory", 0, "tank/backup/web/0", new object[] { Snapshot(Time.AddDays(-3)), Snapshot() }, 4L << 30, 3L << 30);

    [Fact]
    public void A_backup_is_a_line_with_its_ends_and_gaps()
    {
        var gap = ModuleRecord.New("VpsAdmin.Backup.Inspection.BackupGap", Time.AddDays(-3), Time, 2);
        AssertTable(ModuleRecord.New("VpsAdmin.Backup.Inspection.LocalBackup", "tank/backup/web", 101L, new object[] { History() }, 5L << 30, new object[] { gap }),
            "Filesystem                       Dataset Snapshots Oldest     Newest (UTC)             Used Gaps",
            "tank/backup/web                      101         2 2026-03-01 2026-03-04 05:06:07   5.0 GiB    1");
    }

    [Fact]
    public void Histories_and_snapshots_have_their_sizes()
    {
        AssertTable(History(),
            "History Dataset                            Snapshots Newest (UTC)              Used Referenced",
            "      0 tank/backup/web/0                          2 2026-03-04 05:06:07    4.0 GiB    3.0 GiB");
        AssertTable(Snapshot(),
            "Dataset                            Name                      Creation (UTC)      Held  Referenced",
            "tank/backup/web/0                  2026-03-04T05:06:07       2026-03-04 05:06:07 True     3.0 GiB");
    }

    [Fact]
    public void A_schedule_is_a_line() =>
        AssertTable(ModuleRecord.New("VpsAdmin.Backup.Scheduling.RegisteredSchedule", "tank-backup-web", "Systemd", "*-*-* 02:30:00", "tank/backup/web", new object[] { "/x" }),
            "Name                         Kind          When                         Filesystem",
            "tank-backup-web              Systemd       *-*-* 02:30:00               tank/backup/web");

    [Fact]
    public void A_chain_is_a_line() =>
        AssertTable(ModuleRecord.New("VpsAdmin.Client.TransactionChain", 900, "download", "Download", "queued", 3, 1, Time),
            "      Id Created (UTC)       State        Progress Name               Label",
            "     900 2026-03-04 05:06:07 queued            1/3 download           Download");

    [Fact]
    public void A_file_of_a_schedule_is_shown_whole()
    {
        var text = Show(ModuleRecord.New("VpsAdmin.Backup.Scheduling.ScheduleFile", "etc/cron.d/x", "first line\nsecond line\n"));
        Assert.Contains("/etc/cron.d/x", text, StringComparison.Ordinal);
        Assert.Contains("second line", text, StringComparison.Ordinal);
    }

    public void Dispose() => _session.Dispose();

    private void AssertTable(PSObject value, string header, string row)
    {
        var lines = Show(value).Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).ToList();
        Assert.Equal((header, row), (lines[0], lines[2]));
    }

    private string Show(PSObject value)
    {
        var text = _session.Render("param($Value) $Value", ("Value", value));
        Assert.All(text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, line));
        return text;
    }
}
