using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Keeping;

public sealed class ScheduleTests : IDisposable
{
    private const string Register = "param($R) Register-VpsBackupSchedule tank/backup/web -Uri https://api.example.org -At 02:30 -RootPath $R ";
    private const string OnLinux = "-TokenPath /etc/vpsadmin/token -Program /usr/local/bin/vpsadmin ";
    private const string OnWindows = @"-TokenPath C:\ProgramData\vpsadmin\token -Program 'C:\Program Files\PowerShell\7\pwsh.exe' ";

    private readonly EngineSession _session = new();
    private readonly TemporaryFolder _root = new();

    private RunResult Run(string script) => _session.Run(script, ("R", _root.Path));

    [Theory]
    [InlineData("Systemd", 3, "*-*-* 02:30:00")]
    [InlineData("Cron", 2, "30 2 * * *")]
    [InlineData("TaskScheduler", 2, "02:30 daily")]
    public void A_schedule_is_shown_written_found_and_deleted(string kind, int files, string when)
    {
        var register = $"{Register}{(kind == "TaskScheduler" ? OnWindows : OnLinux)} -Kind {kind} ";
        var shown = Run(register + "-WhatIf").Output;
        Assert.Equal(files, shown.Count);
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));

        var registered = Run(register).Single;
        Assert.Equal("tank-backup-web", registered.Get<string>("Name"));
        Assert.Equal(when, registered.Get<string>("When"));
        foreach (var file in shown)
            Assert.Equal(file.Get<string>("Content"), File.ReadAllText(Path.Combine(_root.Path, file.Get<string>("Path"))));

        Assert.Equal("ScheduleExists", _session.Terminating(register["param($R) ".Length..], ("R", _root.Path)).Id());
        Assert.Equal(files, Run(register + "-Force -DayOfWeek Monday").Single.Get<string[]>("Files").Length);
        Assert.Equal("tank/backup/web", Run("param($R) Get-VpsBackupSchedule tank-* -RootPath $R").Single.Get<string>("Filesystem"));

        Run("param($R) Get-VpsBackupSchedule -RootPath $R | Unregister-VpsBackupSchedule -RootPath $R -WhatIf");
        Assert.Single(Run("param($R) Get-VpsBackupSchedule -RootPath $R").Output);
        // What is listed is what is deleted: the root goes along.
        Assert.Empty(Run("param($R) Get-VpsBackupSchedule -RootPath $R | Unregister-VpsBackupSchedule").Errors);
        Assert.Empty(Run("param($R) Get-VpsBackupSchedule -RootPath $R").Output);
        Assert.Empty(Directory.GetFiles(_root.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void By_force_a_schedule_takes_the_place_of_another_schedulers()
    {
        Run($"{Register}{OnLinux} -Kind Systemd");
        Run($"{Register}{OnLinux} -Kind Cron -Force");
        Assert.Equal("Cron", Run("param($R) Get-VpsBackupSchedule -RootPath $R").Single.Get<object>("Kind").ToString());
    }

    /// <summary>For a machine of either system, whatever the one is that it is written on.</summary>
    [Theory]
    [InlineData("-Program vpsadmin -Kind Cron", "-Program: 'vpsadmin' is not a full path on a machine with Cron, such as '/usr/local/bin/vpsadmin', and schedulers have a PATH of their own.")]
    [InlineData("-Program /usr/bin/vpsadmin -Kind TaskScheduler",
        @"-Program: '/usr/bin/vpsadmin' is not a full path on a machine with TaskScheduler, such as 'C:\Program Files\PowerShell\7\pwsh.exe', and schedulers have a PATH of their own.")]
    [InlineData(@"-Program C:\pwsh.exe -Kind TaskScheduler",
        @"-TokenPath: '/t' is not a full path on a machine with TaskScheduler, such as 'C:\ProgramData\vpsadmin\token', and schedulers start programs in a folder of their own.")]
    [InlineData("-Program /opt/100%/vpsadmin -Kind Cron", "-Program: cron cannot run '/opt/100%/vpsadmin': a percent sign in quotes is cut off there. Choose another path.")]
    [InlineData("-Program /usr/bin/vpsadmin -Name a/b -Kind Cron", "-Name: 'a/b' is not a name for a schedule: letters, digits, dashes and underscores.")]
    public void What_a_scheduler_cannot_have_is_refused_before_anything_is_written_and_the_parameter_is_named(string arguments, string message)
    {
        var error = _session.Terminating("Register-VpsBackupSchedule tank/web -Uri https://api.example.org -TokenPath /t -At 2:30 -RootPath $R " + arguments, ("R", _root.Path));
        Assert.Equal(("InvalidSchedule", message), (error.Id(), error.Exception.Message));
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));
    }

    [Fact]
    public void Files_for_a_machine_of_another_system_have_its_paths_and_the_module_by_its_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows is not another system here.");
        var script = Run($"{Register}{OnWindows} -Kind TaskScheduler -WhatIf").Output[0].Get<string>("Content");
        Assert.Contains("Import-Module 'VpsAdmin'\n", script, StringComparison.Ordinal);
        Assert.Contains(@"$env:VPSADMIN_TOKEN_FILE = 'C:\ProgramData\vpsadmin\token'", script, StringComparison.Ordinal);
        Assert.Equal("InvalidSchedule", _session.Terminating(Register["param($R) ".Length..] + OnLinux + "-Kind TaskScheduler", ("R", _root.Path)).Id());
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
