using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests;

/// <summary>Starting goes wrong in every way.</summary>
public sealed class ServerStartTests : IDisposable
{
    private readonly EngineSession _session = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_program_that_is_not_there_is_not_found_and_nothing_is_made()
    {
        var data = _folder.File("data");
        var error = Failure("Start-VpsAdminServer $Data tank -ServerPath $Program", data, _folder.File("missing"));
        Assert.Equal("ServerNotFound", error.Id());
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public void The_last_words_of_a_server_that_dies_are_in_the_error_and_in_its_log()
    {
        var data = _folder.File("data");
        var program = _folder.Program("server", "echo preparing; echo the pool is on fire >&2; exit 3");
        var error = Failure("Start-VpsAdminServer $Data tank -ServerPath $Program", data, program);
        Assert.Equal("ServerStartFailed", error.Id());
        Assert.Contains("exit code 3", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("the pool is on fire", error.ToString(), StringComparison.Ordinal);
        var log = Path.Combine(data, "server.log");
        Assert.Equal("preparing\nthe pool is on fire", File.ReadAllText(log));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(log));
    }

    [Fact]
    public void A_server_that_never_answers_is_given_up_and_gone()
    {
        var data = _folder.File("data");
        var error = Failure("Start-VpsAdminServer $Data tank -ServerPath $Program -Timeout 1", data, SleepingServer(out var pidFile));
        Assert.Contains("did not answer within 1 seconds", error.ToString(), StringComparison.Ordinal);
        AssertGone(pidFile);
    }

    [Fact]
    public async Task Stopping_the_command_ends_the_server_that_it_waits_for()
    {
        using var shell = Prepare("Start-VpsAdminServer $Data tank -ServerPath $Program", _folder.File("data"), SleepingServer(out var pidFile));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => File.Exists(pidFile), TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.True(running.IsCompleted);
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        AssertGone(pidFile);
    }

    [Fact]
    public async Task The_address_of_a_server_that_is_slow_to_answer_is_left_to_it()
    {
        await using var slow = new HealthPage(healthyAfter: int.MaxValue);
        var data = FolderOf(slow);
        var error = Failure("Start-VpsAdminServer $Data tank -ServerPath $Program", data, _folder.Program("server", "echo locked >&2; exit 2"));
        Assert.Equal("ServerStartFailed", error.Id());
        Assert.Equal(slow.Address, File.ReadAllText(Path.Combine(data, "server.url")));
    }

    [Fact]
    public async Task An_address_that_the_started_server_did_not_write_is_not_connected_to()
    {
        await using var other = new HealthPage(healthyAfter: 1);
        var error = Failure("Start-VpsAdminServer $Data tank -ServerPath $Program -Timeout 1", FolderOf(other), SleepingServer(out var pidFile));
        Assert.Contains("did not answer within 1 seconds", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, other.Requests);
        AssertGone(pidFile);
    }

    [Fact]
    public void What_if_starts_nothing()
    {
        var data = _folder.File("data");
        using var shell = Prepare("Start-VpsAdminServer $Data tank -ServerPath $Program -WhatIf", data, SleepingServer(out var pidFile));
        Assert.Empty(shell.Invoke());
        Assert.False(File.Exists(pidFile));
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public void A_pool_that_zfs_would_not_accept_is_refused_at_binding()
    {
        var error = Failure("Start-VpsAdminServer $Data '-rf' -ServerPath $Program", _folder.File("data"), "/bin/true");
        Assert.StartsWith("ParameterArgumentValidationError", error.Id(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private string FolderOf(HealthPage server)
    {
        var data = _folder.File("data");
        Directory.CreateDirectory(data);
        File.WriteAllText(Path.Combine(data, "server.url"), server.Address);
        File.WriteAllText(Path.Combine(data, "server.pid"), "1\n");
        return data;
    }

    private string SleepingServer(out string pidFile)
    {
        pidFile = _folder.File("pid");
        return _folder.Program("server", $"echo $$ > {pidFile}.new; mv {pidFile}.new {pidFile}; exec sleep 600");
    }

    private static void AssertGone(string pidFile)
    {
        var id = int.Parse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture);
        Assert.DoesNotContain(Process.GetProcesses(), p => p.Id == id);
    }

    private PowerShell Prepare(string command, string data, string program) =>
        _session.Prepare("param($Data, $Program) " + command, ("Data", data), ("Program", program));

    private ErrorRecord Failure(string command, string data, string program) => _session.Terminating(command, ("Data", data), ("Program", program));
}
