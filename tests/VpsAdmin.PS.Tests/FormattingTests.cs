using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests;

/// <summary>What a prompt of 100 columns shows.</summary>
public sealed class FormattingTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private readonly EngineSession _session = new();

    public FormattingTests() => _session.Run("Get-Command -Module VpsAdmin -Syntax");

    [Fact]
    public void Servers_are_a_table()
    {
        var vps = ModuleRecord.New("VpsAdmin.Client.Vps", 101, "web1.example", Reference(1, "me"), Reference(2, "node1.prg"), Reference(7, "101"), true, "active");
        AssertTable(Show(vps),
            "     Id Hostname                       Running State        Node             Dataset",
            "    101 web1.example                   True    active       node1.prg        101");
    }

    [Fact]
    public void Datasets_show_sizes_for_people()
    {
        var dataset = ModuleRecord.New("VpsAdmin.Client.Dataset", 7, "101/var/www", Reference(6, "101/var"), null, 3, 1536, 512, 1048576);
        AssertTable(Show(dataset),
            "     Id Name                                                 Used Referenced  Available History",
            "      7 101/var/www                                       1.5 GiB  512.0 MiB    1.0 TiB       3");
    }

    [Fact]
    public void Snapshots_show_where_they_belong()
    {
        var snapshot = ModuleRecord.New("VpsAdmin.Client.Snapshot", 42, 7, "101/var/www", "2026-03-04T05:06:07", Time, 3, "before the upgrade");
        AssertTable(Show(snapshot),
            "      Id Dataset                      Name                              History Label",
            "      42 101/var/www                  2026-03-04T05:06:07                     3 before the upgrade");
    }

    [Fact]
    public void Downloads_show_what_they_are_of()
    {
        var download = ModuleRecord.New("VpsAdmin.Client.SnapshotDownload", 7, null, Reference(42, ""), Reference(41, ""), "IncrementalStream", "101__a__b.inc.dat.gz",
            new Uri("https://example.org/x"), 1536, null, true, Time);
        AssertTable(Show(download),
            "     Id Snapshot     From Format            Ready       Size Expires (UTC)       File",
            "      7       42       41 IncrementalStream True     1.5 GiB 2026-03-04 05:06:07 101__a__b.inc.dat…");
    }

    [Fact]
    public void Unfinished_downloads_show_how_far_they_are()
    {
        var transfer = ModuleRecord.New("VpsAdmin.Transfer.UnfinishedTransfer", "/tmp/a.tar.gz", 7, 42, null, "Archive", 1536L, 3072L, Time);
        AssertTable(Show(transfer),
            "Download Snapshot     From Format                  Here         Of Part",
            "       7       42          Archive              1.5 KiB    3.0 KiB /tmp/a.tar.gz.part");
    }

    [Fact]
    public void A_saved_snapshot_is_a_list_with_its_checksum()
    {
        var sha = new string('a', 64);
        var saved = PSObject.AsPSObject(Activator.CreateInstance(
            ModuleType("VpsAdmin.PS.Output.SavedSnapshot"), new FileInfo("/tmp/x.tar.gz"), 42L, null, "Archive", 1048576L, sha, true, 2097152.0, 0L, TimeSpan.FromSeconds(0.5), 0)!);
        var text = Show(saved);
        AssertLines(text, "File", "/tmp/x.tar.gz", "Size", "1.0 MiB", "SHA-256", sha, "Verified", "True", "Rate", "2.0 MiB/s", "Duration", "0.5 s");
        Assert.DoesNotContain("Resumed from", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_received_snapshot_is_a_list_with_what_came()
    {
        var received = PSObject.AsPSObject(Activator.CreateInstance(
            ModuleType("VpsAdmin.PS.Output.ReceivedSnapshot"), "tank/copy", 43L, 42L, new[] { "2026-03-04T05:06:07", "2026-03-05T05:06:07" }, 1048576L, new string('a', 64), true, 2097152.0, TimeSpan.FromSeconds(0.5), 0)!);
        var text = Show(received);
        AssertLines(text, "Dataset", "tank/copy", "From snapshot", "42", "Received", "2026-03-04T05:06:07, 2026-03-05T05:06:07", "Size", "1.0 MiB", "Verified", "True", "Rate", "2.0 MiB/s");
        Assert.DoesNotContain("Retries", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_tells_its_steps_and_their_reasons()
    {
        var snapshot = ModuleRecord.New("VpsAdmin.Backup.RemoteSnapshot", 42, "2026-03-04T05:06:07", Time, 3, true, null);
        var step = ModuleRecord.New("VpsAdmin.Backup.FullStep", "tank/backup/3", snapshot, "Nothing is here yet.");
        var plan = ModuleRecord.New("VpsAdmin.Backup.BackupPlan", "tank/backup/3", new object[] { step }, null, "1 snapshot to receive.");
        AssertLines(Show(plan), "Outcome", "Transfer", "Target", "tank/backup/3", "Message", "1 snapshot to receive.", "Steps", "Nothing is here yet.");
    }

    [Fact]
    public void A_plan_tells_what_rotation_would_destroy()
    {
        var old = ModuleRecord.New("VpsAdmin.Backup.LocalSnapshot", 2, "2026-01-01T00:00:00", Time, 7UL, false);
        var plan = ModuleRecord.New("VpsAdmin.Backup.BackupPlan", "tank/backup/3", Array.Empty<object>(), null, "Nothing to transfer.");
        plan.BaseObject.GetType().GetProperty("Rotation")!.SetValue(plan.BaseObject, ModuleRecord.New("VpsAdmin.Backup.RotationPlan", new object[] { old }, new object[] { 2 }).BaseObject);
        AssertLines(Show(plan), "Rotation", "destroys 2@2026-01-01T00:00:00, the dataset 2");
    }

    [Fact]
    public void A_backup_is_a_line_of_a_table()
    {
        var plan = ModuleRecord.New("VpsAdmin.Backup.BackupPlan", "tank/backup/3", Array.Empty<object>(), null, "2 snapshots to receive.");
        var result = ModuleRecord.New("VpsAdmin.Backup.BackupResult", 7, "101/var/www", "tank/backup", 3, plan, new object[] { "a", "b" },
            Array.Empty<object>(), 3_221_225_472L, TimeSpan.FromSeconds(75), true, 0, "b", Array.Empty<object>());
        AssertTable(
            Show(result),
            "Dataset        Filesystem             Outcome     Added Gone      Size Duration Next base",
            "101/var/www    tank/backup            Transfer        2    0   3.0 GiB  0:01:15 b");
    }

    public void Dispose() => _session.Dispose();

    private static PSObject Reference(long id, string label) => ModuleRecord.New("VpsAdmin.Client.Reference", id, label);

    private static Type ModuleType(string name) =>
        AppDomain.CurrentDomain.GetAssemblies().Single(a => a.GetName().Name == "VpsAdmin.PS").GetType(name, throwOnError: true)!;

    private string Show(PSObject value)
    {
        var text = _session.Render("param($Value) $Value", ("Value", value));
        Assert.All(text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, line));
        return text;
    }

    private static void AssertTable(string text, string header, string row)
    {
        var lines = text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).ToList();
        Assert.Equal(header, lines[0]);
        Assert.Equal(row, lines[2]);
    }

    /// <param name="pairs">Label, value, label, value.</param>
    private static void AssertLines(string text, params string[] pairs)
    {
        var lines = text.Split('\n').Where(l => l.Contains(" : ", StringComparison.Ordinal)).ToDictionary(l => l.Split(" : ")[0].TrimEnd(), l => l.Split(" : ")[1].TrimEnd());
        foreach (var pair in pairs.Chunk(2))
            Assert.Equal(pair[1], lines[pair[0]]);
    }
}
