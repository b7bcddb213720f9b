using System.Runtime.Versioning;
using VpsAdmin.Backup.Scheduling;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Backup.Tests.Scheduling;

[SupportedOSPlatform("linux")]
public class ScheduleFilesTests
{
    internal static readonly BackupSchedule Web = new(
        "tank-backup-web", "tank/backup/web", null, new Uri("https://api.example.org"), "/etc/vpsadmin/token",
        new ScheduleTimes([new TimeOnly(2, 30)], []), "/usr/local/bin/vpsadmin", "/opt/VpsAdmin/VpsAdmin.psd1");

    private static readonly ScheduleTimes TwiceAWeek = new([new TimeOnly(14, 5), new TimeOnly(2, 30)], [DayOfWeek.Sunday, DayOfWeek.Monday, DayOfWeek.Thursday]);

    public static TheoryData<ScheduleKind> Kinds => [.. Enum.GetValues<ScheduleKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_written_is_what_the_guide_shows(ScheduleKind kind)
    {
        var blocks = Guide.Blocks();
        Assert.All(ScheduleFiles.Of(Web, kind), file => Assert.Contains(file.Content, blocks));
    }

    [Fact]
    public void The_guide_names_every_path()
    {
        Assert.All(ScheduleFiles.Paths(ScheduleKind.Systemd, Web.Name).Concat(ScheduleFiles.Paths(ScheduleKind.Cron, Web.Name)), p => Assert.Contains($"`/{p}`", Guide.Text, StringComparison.Ordinal));
        Assert.All(ScheduleFiles.Paths(ScheduleKind.TaskScheduler, Web.Name),
            p => Assert.Contains($"`{p.Replace("ProgramData", "%ProgramData%", StringComparison.Ordinal).Replace('/', '\\')}`", Guide.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_guide_names_the_commands_that_systemd_is_told_with() => Assert.All(
        ScheduleFiles.Activation(ScheduleKind.Systemd, Web.Name, "/"), c => Assert.Contains($"`{string.Join(' ', c)}`", Guide.Text, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Paths_are_those_of_the_files(ScheduleKind kind) => Assert.Equal(ScheduleFiles.Paths(kind, Web.Name), ScheduleFiles.Of(Web, kind).Select(static f => f.Path));

    [Fact]
    public void Times_and_days_are_said_as_each_scheduler_wants_them()
    {
        var schedule = Web with { When = TwiceAWeek };
        Assert.Equal(["Mon,Thu,Sun *-*-* 02:30:00", "Mon,Thu,Sun *-*-* 14:05:00"], SystemdUnits.FindTimes(ScheduleFiles.Of(schedule, ScheduleKind.Systemd)[^1].Content));
        Assert.Equal(["30 2 * * 1,4,0", "5 14 * * 1,4,0"], CronTable.FindTimes(ScheduleFiles.Of(schedule, ScheduleKind.Cron)[^1].Content));
        Assert.Equal(["02:30 Monday,Thursday,Sunday", "14:05 Monday,Thursday,Sunday"], ScheduledTask.FindTimes(ScheduleFiles.Of(schedule, ScheduleKind.TaskScheduler)[^1].Content));
        Assert.Equal(["02:30 daily"], ScheduledTask.FindTimes(ScheduleFiles.Of(Web, ScheduleKind.TaskScheduler)[^1].Content));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Pwsh_is_told_of_the_module_and_asks_nobody_anything(ScheduleKind kind)
    {
        var files = ScheduleFiles.Of(Web with { Program = "/opt/pwsh" }, kind);
        Assert.Contains("Import-Module '/opt/VpsAdmin/VpsAdmin.psd1'\n", files[0].Content, StringComparison.Ordinal);
        Assert.Contains(files, static f => f.Content.Contains("-NoProfile -NonInteractive -File", StringComparison.Ordinal));
    }

    [Fact]
    public void Quotes_of_all_kinds_stay_inside_the_strings_of_the_script()
    {
        var script = ScheduleFiles.Of(Web with { Filesystem = "tank/my web", TokenFile = "/etc/o'brien’s", DatasetId = 101 }, ScheduleKind.Cron)[0].Content;
        Assert.Contains("$env:VPSADMIN_TOKEN_FILE = '/etc/o''brien’’s'", script, StringComparison.Ordinal);
        Assert.Contains("-Filesystem 'tank/my web' -Dataset 101 -Connection VPSADMIN_URL\n", script, StringComparison.Ordinal);
        Assert.Equal("tank/my web", ScheduleScript.FindFilesystem(script));
        Assert.Null(ScheduleScript.FindFilesystem("# Backup-VpsDataset -Filesystem 'x'"));
    }

    [Fact]
    public void Program_paths_are_quoted_for_systemd_and_for_crons_shell()
    {
        var schedule = Web with { Program = "/opt/my $tools/it's 100%/vpsadmin" };
        Assert.Contains("ExecStart=\"/opt/my $$tools/it's 100%%/vpsadmin\" /etc/", ScheduleFiles.Of(schedule, ScheduleKind.Systemd)[1].Content, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ScheduleFiles.Of(schedule, ScheduleKind.Cron));
        Assert.Contains(" root '/opt/it'\\''s/vpsadmin' /etc/", ScheduleFiles.Of(schedule with { Program = "/opt/it's/vpsadmin" }, ScheduleKind.Cron)[1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_file_can_carry_is_refused()
    {
        foreach (var bad in (BackupSchedule[])[
            Web with { Name = "../x" }, Web with { Name = "a.b" }, Web with { TokenFile = "/etc/a\nExecStart=/bin/evil" }, Web with { Program = "/x\ny" },
            Web with { When = new ScheduleTimes([], []) }])
            Assert.Throws<ArgumentException>(() => ScheduleFiles.Of(bad, ScheduleKind.Systemd));
    }

    [Theory]
    [InlineData("tank/backup/web", "tank-backup-web")]
    [InlineData("tank/a b.c:d", "tank-a-b-c-d")]
    public void A_name_is_made_of_the_filesystems(string filesystem, string name)
    {
        Assert.Equal(name, ScheduleName.For(filesystem));
        Assert.True(ScheduleName.IsValid(ScheduleName.For(filesystem)));
        Assert.True(ScheduleName.IsValid(ScheduleName.For("tank/" + new string('/', 50) + new string('x', 190))));
    }

    /// <summary>systemd's own opinion, where there is one.</summary>
    [Fact]
    public async Task Systemd_takes_the_units()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "There is no systemd-analyze here.");
        var cancel = TestContext.Current.CancellationToken;
        var root = Directory.CreateTempSubdirectory("vpsadmin-units-");
        try
        {
            var program = Path.Combine(root.FullName, "vps admin");
            await File.WriteAllTextAsync(program, "#!/bin/sh\n", cancel);
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var store = new ScheduleStore(root.FullName);
            var registered = await store.RegisterAsync(Web with { Program = program, When = TwiceAWeek }, ScheduleKind.Systemd, cancel);

            await using (var verify = OwnedProcess.Start(new ProcessSpec("systemd-analyze", ["verify", "--man=no", .. registered.Files.Skip(1)])))
                Assert.Equal(new ProcessResult(0, ""), await verify.Completion);
            foreach (var time in registered.When.Split("; "))
            {
                await using var calendar = OwnedProcess.Start(new ProcessSpec("systemd-analyze", ["calendar", time]));
                Assert.Equal(0, (await calendar.Completion).ExitCode);
            }
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
