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

    /// <summary>The same on a machine of Windows.</summary>
    private static readonly BackupSchedule OnWindows = Web with
    {
        TokenFile = @"C:\ProgramData\vpsadmin\token", Program = @"C:\Program Files\PowerShell\7\pwsh.exe", Module = @"C:\Program Files\PowerShell\Modules\VpsAdmin\VpsAdmin.psd1",
    };

    private static readonly ScheduleTimes TwiceAWeek = new([new TimeOnly(14, 5), new TimeOnly(2, 30)], [DayOfWeek.Sunday, DayOfWeek.Monday, DayOfWeek.Thursday]);

    internal static BackupSchedule For(ScheduleKind kind) => kind == ScheduleKind.TaskScheduler ? OnWindows : Web;

    public static TheoryData<ScheduleKind> Kinds => [.. Enum.GetValues<ScheduleKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_written_is_what_the_guide_shows(ScheduleKind kind)
    {
        var blocks = Guide.Blocks();
        Assert.All(ScheduleFiles.Of(For(kind), kind), file => Assert.Contains(file.Content, blocks));
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
    public void Paths_are_those_of_the_files(ScheduleKind kind) => Assert.Equal(ScheduleFiles.Paths(kind, Web.Name), ScheduleFiles.Of(For(kind), kind).Select(static f => f.Path));

    [Fact]
    public void Times_and_days_are_said_as_each_scheduler_wants_them()
    {
        var schedule = Web with { When = TwiceAWeek };
        Assert.Equal(["Mon,Thu,Sun *-*-* 02:30:00", "Mon,Thu,Sun *-*-* 14:05:00"], SystemdUnits.FindTimes(ScheduleFiles.Of(schedule, ScheduleKind.Systemd)[^1].Content));
        Assert.Equal(["30 2 * * 1,4,0", "5 14 * * 1,4,0"], CronTable.FindTimes(ScheduleFiles.Of(schedule, ScheduleKind.Cron)[^1].Content));
        Assert.Equal(["02:30 Monday,Thursday,Sunday", "14:05 Monday,Thursday,Sunday"], ScheduledTask.FindTimes(ScheduleFiles.Of(OnWindows with { When = TwiceAWeek }, ScheduleKind.TaskScheduler)[^1].Content));
        Assert.Equal(["02:30 daily"], ScheduledTask.FindTimes(ScheduleFiles.Of(OnWindows, ScheduleKind.TaskScheduler)[^1].Content));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Pwsh_is_told_of_the_module_and_asks_nobody_anything(ScheduleKind kind)
    {
        var schedule = For(kind) == Web ? Web with { Program = "/opt/pwsh" } : OnWindows;
        var files = ScheduleFiles.Of(schedule, kind);
        Assert.Contains($"Import-Module '{schedule.Module}'\n", files[0].Content, StringComparison.Ordinal);
        Assert.Contains(files, static f => f.Content.Contains("-NoProfile -NonInteractive -File", StringComparison.Ordinal));
    }

    /// <summary>Whatever system the files are written on.</summary>
    [Fact]
    public void A_task_of_Windows_has_programs_and_paths_of_Windows()
    {
        var (script, task) = (ScheduleFiles.Of(OnWindows, ScheduleKind.TaskScheduler)[0].Content, ScheduleFiles.Of(OnWindows, ScheduleKind.TaskScheduler)[1].Content);
        Assert.Contains(@"<Command>C:\Program Files\PowerShell\7\pwsh.exe</Command>", task, StringComparison.Ordinal);
        Assert.Contains(@"<Arguments>-NoProfile -NonInteractive -File ""%ProgramData%\vpsadmin\backup-tank-backup-web.ps1""</Arguments>", task, StringComparison.Ordinal);
        Assert.Contains(@"$env:VPSADMIN_TOKEN_FILE = 'C:\ProgramData\vpsadmin\token'", script, StringComparison.Ordinal);
        // What comes with its own engine has the module loaded.
        Assert.DoesNotContain("Import-Module", ScheduleFiles.Of(OnWindows with { Program = @"D:\tools\vpsadmin.exe" }, ScheduleKind.TaskScheduler)[0].Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScheduleKind.TaskScheduler, "/usr/local/bin/vpsadmin", @"C:\token", "Program", @"'/usr/local/bin/vpsadmin' is not a full path on a machine with TaskScheduler, such as 'C:\Program Files\PowerShell\7\pwsh.exe', and")]
    [InlineData(ScheduleKind.TaskScheduler, "pwsh.exe", @"C:\token", "Program", "'pwsh.exe' is not")]
    [InlineData(ScheduleKind.TaskScheduler, @"C:\pwsh.exe", "token", "TokenFile", @"'token' is not a full path on a machine with TaskScheduler, such as 'C:\ProgramData\vpsadmin\token', and")]
    [InlineData(ScheduleKind.Systemd, @"C:\pwsh.exe", "/etc/token", "Program", @"'C:\pwsh.exe' is not a full path on a machine with Systemd, such as '/usr/local/bin/vpsadmin', and")]
    [InlineData(ScheduleKind.Cron, "/usr/bin/pwsh", @"C:\token", "TokenFile", @"'C:\token' is not a full path on a machine with Cron, such as '/etc/vpsadmin/token', and")]
    [InlineData(ScheduleKind.Cron, "pwsh", "/etc/token", "Program", "'pwsh' is not")]
    public void Paths_that_the_schedulers_system_has_not_are_refused(ScheduleKind kind, string program, string token, string property, string message)
    {
        var refused = Assert.Throws<InvalidScheduleException>(() => ScheduleFiles.Of(Web with { Program = program, TokenFile = token }, kind));
        Assert.Equal(property, refused.Property);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
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
        Assert.Equal("Program", Assert.Throws<InvalidScheduleException>(() => ScheduleFiles.Of(schedule, ScheduleKind.Cron)).Property);
        Assert.Contains(" root '/opt/it'\\''s/vpsadmin' /etc/", ScheduleFiles.Of(schedule with { Program = "/opt/it's/vpsadmin" }, ScheduleKind.Cron)[1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_file_can_carry_is_refused()
    {
        foreach (var (property, bad) in ((string, BackupSchedule)[])[
            ("Name", Web with { Name = "../x" }), ("Name", Web with { Name = "a.b" }), ("TokenFile", Web with { TokenFile = "/etc/a\nExecStart=/bin/evil" }), ("Program", Web with { Program = "/x\ny" }),
            ("When", Web with { When = new ScheduleTimes([], []) })])
            Assert.Equal(property, Assert.Throws<InvalidScheduleException>(() => ScheduleFiles.Of(bad, ScheduleKind.Systemd)).Property);
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
