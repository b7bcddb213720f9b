using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>A server's life.</summary>
public sealed class ServerTests(LabFixture lab)
{
    [Fact]
    public async Task A_second_server_on_the_same_data_is_refused()
    {
        using var session = await lab.ConnectAsync();
        var error = session.Terminating("Start-VpsAdminServer $Data $Pool", ("Data", lab.DataPath), ("Pool", lab.SourcePool));
        Assert.Equal("ServerRunning", error.Id());
    }

    [Fact]
    public async Task A_server_is_started_shown_and_stopped_and_its_process_is_gone()
    {
        using var other = await lab.ConnectAsync();
        using var session = new EngineSession();
        using var folder = new TemporaryFolder();
        var pool = $"{lab.TargetPool}/server";
        Zfs.Run("create", pool);
        var started = session.Run("param($Data, $Pool) Start-VpsAdminServer $Data $Pool", ("Data", folder.File("data")), ("Pool", pool));
        Assert.Empty(started.Errors.Select(e => e.ToString()));
        var id = started.Single.Get<int>("ServerProcessId");
        Assert.DoesNotContain(File.ReadAllText(folder.File("data/admin-password")).Trim(), File.ReadAllText($"/proc/{id}/cmdline"), StringComparison.Ordinal);
        Assert.Contains($"{id}", session.Render("param($Connection) $Connection", ("Connection", started.Single)), StringComparison.Ordinal);

        Assert.Empty(session.Run("Stop-VpsAdminServer -WhatIf").Errors);
        Assert.Contains(Process.GetProcesses(), p => p.Id == id);
        var stopped = session.Run("param($Connection) $Connection | Stop-VpsAdminServer", ("Connection", started.Single));
        Assert.Empty(stopped.Errors.Select(e => e.ToString()));
        Assert.Empty(stopped.Warnings);
        Assert.DoesNotContain(Process.GetProcesses(), p => p.Id == id);
        Assert.Equal("NotConnected", session.Terminating("Get-Vps").Id());
        Assert.NotEqual("", File.ReadAllText(folder.File("data/server.log")));
    }

    [Fact]
    public async Task A_server_ends_when_its_powershell_is_killed_though_another_child_of_that_goes_on()
    {
        using var other = await lab.ConnectAsync();
        using var folder = new TemporaryFolder();
        var cancel = TestContext.Current.CancellationToken;
        var pool = $"{lab.TargetPool}/killed";
        Zfs.Run("create", pool);
        var script = folder.File("serve.ps1");
        await File.WriteAllTextAsync(script,
            """
            param($Data, $Pool)
            $server = Start-VpsAdminServer $Data $Pool
            $child = [Diagnostics.Process]::Start('sleep', '600')
            "$($server.ServerProcessId) $($child.Id)"
            [Threading.Thread]::Sleep(-1)
            """, cancel);
        var start = new ProcessStartInfo(Repository.Shell, [script, "-Data", folder.File("data"), "-Pool", pool]) { RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        Process? server = null, child = null;
        try
        {
            var line = await shell.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), cancel);
            var ids = line!.Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToList();
            (server, child) = (Process.GetProcessById(ids[0]), Process.GetProcessById(ids[1]));
            shell.Kill();
            await server.WaitForExitAsync(cancel).WaitAsync(TimeSpan.FromMinutes(1), cancel);
            Assert.False(child.HasExited);
            Assert.False(File.Exists(folder.File("data/server.url")));
        }
        finally
        {
            foreach (var process in new[] { shell, server, child })
                process?.Kill();
            server?.Dispose();
            child?.Dispose();
        }
    }

    [Fact]
    public async Task A_pool_that_is_not_there_is_told_in_the_servers_own_words()
    {
        using var other = await lab.ConnectAsync();
        using var session = new EngineSession();
        using var folder = new TemporaryFolder();
        var error = session.Terminating("Start-VpsAdminServer $Data no-such-pool/vps", ("Data", folder.File("data")));
        Assert.Equal("ServerStartFailed", error.Id());
        Assert.Contains("no-such-pool", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OpenError, error.CategoryInfo.Category);
    }
}
