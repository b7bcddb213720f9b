using System.Net.Sockets;
using System.Text.Json;
using VpsAdmin.Backup.Tests.Telling;
using VpsAdmin.PS.Tests.Connections;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests;

/// <summary>A server that is away, or lets nobody in, is what whoever watches backups must hear of first.</summary>
[Collection(EnvironmentCollection.Name)]
public sealed class BackupThatCannotBeginTests : IAsyncLifetime
{
    private readonly Surroundings _surroundings = new();
    private readonly TemporaryFolder _folder = new();
    private readonly EngineSession _session = new();
    private Watcher _watcher = null!;

    public async ValueTask InitializeAsync() => _watcher = await Watcher.StartAsync();

    [Fact]
    public void Everybody_is_told_of_every_backup_and_the_command_ends()
    {
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        Surroundings.Set($"http://{deaf.LocalEndPoint}", "abc");
        var metrics = _folder.File("backup.prom");

        var output = _session.Run("""
            param($Metrics, $Ping)
            try {
                [pscustomobject]@{ Dataset = 1; Filesystem = 'tank/one' }, [pscustomobject]@{ Dataset = 2; Filesystem = 'tank/two' } |
                    Backup-VpsDataset -AsJson -MetricsPath $Metrics -PingUri $Ping
            } catch { "$($_.FullyQualifiedErrorId.Split(',')[0]) $($_.Exception.Data['VpsAdmin.ExitCode'])" }
            """, ("Metrics", metrics), ("Ping", new Uri(_watcher.Address, "key"))).Output;

        Assert.Equal("ApiUnreachable 13", output[^1].BaseObject);
        var lines = output.SkipLast(1).Select(static o => JsonDocument.Parse((string)o.BaseObject).RootElement).ToList();
        Assert.Equal(["tank/one", "tank/two"], lines.Select(static l => l.GetProperty("filesystem").GetString()));
        Assert.All(lines, static l => Assert.Equal((13, "ApiUnreachable"), (l.GetProperty("exit_code").GetInt32(), l.GetProperty("error_id").GetString())));
        var told = File.ReadAllLines(metrics);
        Assert.Contains("vpsadmin_backup_success{filesystem=\"tank/one\"} 0", told);
        Assert.Contains("vpsadmin_backup_exit_code{filesystem=\"tank/two\"} 13", told);
        Assert.Equal("POST /key/fail", Assert.Single(_watcher.Requests).Line);
    }

    [Fact]
    public void The_script_of_a_schedule_tells_it_too()
    {
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        File.WriteAllText(_folder.File("token"), "abc\n");
        var metrics = _folder.File("backup.prom");
        var files = _session.Run("""
            param($Uri, $Token, $Root)
            Register-VpsBackupSchedule tank/one -Dataset 1 -Uri $Uri -TokenPath $Token -At 02:30 -Kind Cron -Program /usr/bin/vpsadmin -RootPath $Root -WarningAction SilentlyContinue
            """, ("Uri", $"http://{deaf.LocalEndPoint}"), ("Token", _folder.File("token")), ("Root", _folder.Path)).Single.Get<string[]>("Files");
        var script = File.ReadAllText(files.Single(static f => f.EndsWith(".ps1", StringComparison.Ordinal))).TrimEnd();

        var output = _session.Run($$"""
            param($Metrics, $Ping)
            try { {{script}} -AsJson -MetricsPath $Metrics -PingUri $Ping } catch { "$($_.FullyQualifiedErrorId.Split(',')[0]) $($_.Exception.Data['VpsAdmin.ExitCode'])" }
            """, ("Metrics", metrics), ("Ping", new Uri(_watcher.Address, "key"))).Output;

        Assert.Equal("ApiUnreachable 13", output[^1].BaseObject);
        Assert.Contains("\"exit_code\":13", (string)output[0].BaseObject, StringComparison.Ordinal);
        Assert.Contains("vpsadmin_backup_exit_code{filesystem=\"tank/one\"} 13", File.ReadAllLines(metrics));
        Assert.Equal("POST /key/fail", Assert.Single(_watcher.Requests).Line);
    }

    [Theory]
    [InlineData("-PlanOnly")]
    [InlineData("-WhatIf")]
    public void A_plan_is_told_to_nobody(string how)
    {
        var error = _session.Terminating($"Backup-VpsDataset tank/one -Dataset 1 -PingUri $Ping {how}", ("Ping", _watcher.Address));
        Assert.Equal("NotConnected", error.Id());
        Assert.Empty(_watcher.Requests);
    }

    [Fact]
    public void Wrong_parameters_have_their_own_remedies()
    {
        Assert.Contains("watcher", _session.Terminating("Backup-VpsDataset tank/one -PingUri file:///x").ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("ssh", _session.Terminating("Backup-VpsDataset tank/one -ZfsHost 'a b'").ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _watcher.DisposeAsync();
        _session.Dispose();
        _folder.Dispose();
        _surroundings.Dispose();
    }
}
