using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Keeping;

public sealed class ScheduleTests : IDisposable
{
    private const string Register = "param($R) Register-VpsBackupSchedule tank/backup/web -Uri https://api.example.org -TokenPath /etc/vpsadmin/token -At 02:30 "
        + "-Program /usr/local/bin/vpsadmin -RootPath $R ";

    private readonly EngineSession _session = new();
    private readonly TemporaryFolder _root = new();

    private RunResult Run(string script) => _session.Run(script, ("R", _root.Path));

    [Theory]
    [InlineData("Systemd", 3, "*-*-* 02:30:00")]
    [InlineData("Cron", 2, "30 2 * * *")]
    [InlineData("TaskScheduler", 2, "02:30 daily")]
    public void A_schedule_is_shown_written_found_and_deleted(string kind, int files, string when)
    {
        var shown = Run(Register + $"-Kind {kind} -WhatIf").Output;
        Assert.Equal(files, shown.Count);
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));

        var registered = Run(Register + $"-Kind {kind}").Single;
        Assert.Equal("tank-backup-web", registered.Get<string>("Name"));
        Assert.Equal(when, registered.Get<string>("When"));
        foreach (var file in shown)
            Assert.Equal(file.Get<string>("Content"), File.ReadAllText(Path.Combine(_root.Path, file.Get<string>("Path"))));

        Assert.Equal("ScheduleExists", _session.Terminating(Register["param($R) ".Length..] + $"-Kind {kind}", ("R", _root.Path)).Id());
        Assert.Equal(files, Run(Register + $"-Kind {kind} -Force -DayOfWeek Monday").Single.Get<string[]>("Files").Length);
        Assert.Equal("tank/backup/web", Run("param($R) Get-VpsBackupSchedule tank-* -RootPath $R").Single.Get<string>("Filesystem"));

        Run("param($R) Get-VpsBackupSchedule -RootPath $R | Unregister-VpsBackupSchedule -RootPath $R -WhatIf");
        Assert.Single(Run("param($R) Get-VpsBackupSchedule -RootPath $R").Output);
        Assert.Empty(Run("param($R) Get-VpsBackupSchedule -RootPath $R | Unregister-VpsBackupSchedule -RootPath $R").Errors);
        Assert.Empty(Run("param($R) Get-VpsBackupSchedule -RootPath $R").Output);
        Assert.Empty(Directory.GetFiles(_root.Path, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("-Program vpsadmin", "InvalidSchedule")]
    [InlineData("-Program /opt/100%/vpsadmin -Kind Cron", "InvalidSchedule")]
    [InlineData("-Program /usr/bin/vpsadmin -Name a/b", "InvalidSchedule")]
    public void What_a_scheduler_cannot_have_is_refused_before_anything_is_written(string arguments, string id)
    {
        Assert.Equal(id, _session.Terminating(
            "Register-VpsBackupSchedule tank/web -Uri https://api.example.org -TokenPath /t -At 2:30 -RootPath $R " + arguments, ("R", _root.Path)).Id());
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));
    }

    [Fact]
    public void A_token_that_is_not_there_is_refused_for_this_machine() =>
        Assert.Equal("TokenFileNotFound", _session.Terminating(
            "Register-VpsBackupSchedule tank/no-such-schedule -Uri https://api.example.org -TokenPath $T -At 02:30 -Program /usr/bin/vpsadmin -WhatIf", ("T", _root.File("none"))).Id());

    [Fact]
    public void A_token_that_others_may_read_is_warned_of()
    {
        File.WriteAllText(_root.File("token"), "x");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_root.File("token"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var shown = _session.Run("param($T) Register-VpsBackupSchedule tank/no-such-schedule -Uri https://api.example.org -TokenPath $T -At 02:30 -Program /usr/bin/vpsadmin -Kind Cron -WhatIf",
            ("T", _root.File("token")));
        Assert.Contains("chmod 600", Assert.Single(shown.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_that_is_none_and_a_name_that_is_not_there_are_errors()
    {
        Assert.Equal("ParameterArgumentTransformationError", _session.Terminating(
            "Register-VpsBackupSchedule tank/web -Uri https://api.example.org -TokenPath /t -At 25:00 -Program /usr/bin/vpsadmin -RootPath $R", ("R", _root.Path)).Id());
        Assert.Equal("ScheduleNotFound", Run("param($R) Get-VpsBackupSchedule nightly -RootPath $R").ErrorId);
        Assert.Equal("ScheduleNotFound", Run("param($R) Unregister-VpsBackupSchedule nightly -RootPath $R").ErrorId);
    }

    public void Dispose()
    {
        _session.Dispose();
        _root.Dispose();
    }
}
