using System.Net;
using System.Text.Json;
using VpsAdmin.Backup.Telling;
using VpsAdmin.Backup.Tests.Planning;

namespace VpsAdmin.Backup.Tests.Telling;

public sealed class TellingTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_465_862_400);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vpsadmin-telling-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static BackupReport Good(string filesystem = "tank/b") => new(
        filesystem,
        new BackupResult(7, "101/var", filesystem, 0, BackupPlanner.Plan(Sides.Local("0:A"), Sides.Remote("0:AB", 0), new BackupPlanOptions()),
            ["B"], ["tank/b/0@A"], 4096, TimeSpan.FromSeconds(2), Verified: true, Retries: 1, "B", ["a \"warning\""])
        {
            TransferTime = TimeSpan.FromSeconds(1), SnapshotCount = 1, NewestSnapshot = Now.AddHours(-1),
        },
        ErrorId: null, Error: null, ExitCode: 0);

    private static BackupReport Bad(string filesystem = "tank/b") => new(filesystem, Result: null, "ApiUnreachable", "no\nanswer", ExitCode: 13);

    [Fact]
    public void A_run_is_one_line_of_JSON()
    {
        var line = Good().ToJson();
        Assert.DoesNotContain('\n', line);
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("Transfer", json.GetProperty("outcome").GetString());
        Assert.Equal(("101/var", 7, 0), (json.GetProperty("dataset").GetString(), json.GetProperty("dataset_id").GetInt64(), json.GetProperty("exit_code").GetInt32()));
        Assert.Equal("B", json.GetProperty("snapshots_added")[0].GetString());
        Assert.Equal((4096, 2.0, 4096.0), (json.GetProperty("bytes").GetInt64(), json.GetProperty("seconds").GetDouble(), json.GetProperty("bytes_per_second").GetDouble()));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("error_id").ValueKind);

        var failed = Bad().ToJson();
        Assert.DoesNotContain('\n', failed);
        json = JsonDocument.Parse(failed).RootElement;
        Assert.Equal(("Failed", "ApiUnreachable", "no\nanswer", 13),
            (json.GetProperty("outcome").GetString(), json.GetProperty("error_id").GetString(), json.GetProperty("error").GetString(), json.GetProperty("exit_code").GetInt32()));
    }

    [Fact]
    public void What_failed_is_told_with_its_dataset_and_where_the_next_run_would_go_on()
    {
        var json = JsonDocument.Parse((Bad() with { Subject = new BackupSubject(7, "101/var", 2, "2026-06-13T23:00:01") }).ToJson()).RootElement;
        Assert.Equal(
            (7, "101/var", 2, "2026-06-13T23:00:01"),
            (json.GetProperty("dataset_id").GetInt64(), json.GetProperty("dataset").GetString(), json.GetProperty("history_id").GetInt32(), json.GetProperty("next_base").GetString()));
    }

    [Fact]
    public void Metrics_are_written_whole_and_a_failure_keeps_what_was_known()
    {
        var path = Path.Combine(_folder.FullName, "backup.prom");
        BackupMetrics.Write(path, [Good(), Good("tank/other")], Now);
        BackupMetrics.Write(path, [Bad()], Now.AddDays(1));

        var lines = File.ReadAllLines(path);
        Assert.Contains("# TYPE vpsadmin_backup_success gauge", lines);
        Assert.Contains("vpsadmin_backup_success{filesystem=\"tank/b\"} 0", lines);
        Assert.Contains("vpsadmin_backup_exit_code{filesystem=\"tank/b\"} 13", lines);
        Assert.Contains("vpsadmin_backup_last_run_timestamp_seconds{filesystem=\"tank/b\"} 1465948800", lines);
        Assert.Contains("vpsadmin_backup_last_success_timestamp_seconds{filesystem=\"tank/b\"} 1465862400", lines);
        Assert.Contains("vpsadmin_backup_newest_snapshot_timestamp_seconds{filesystem=\"tank/b\"} 1465858800", lines);
        Assert.Contains("vpsadmin_backup_success{filesystem=\"tank/other\"} 1", lines);
        Assert.Equal(lines.Length, lines.Distinct().Count());
        Assert.Equal(["backup.prom"], _folder.EnumerateFiles().Select(static f => f.Name));
    }

    [Fact]
    public async Task A_watcher_is_told_of_start_success_and_failure()
    {
        await using var watcher = await Watcher.StartAsync();
        using var http = new HttpClient();
        var ping = new BackupPing(http, new Uri(watcher.Address, "ping/uuid"));
        Assert.Null(await ping.StartAsync(Cancel));
        Assert.Null(await ping.EndAsync([Good()], Cancel));
        Assert.Null(await ping.EndAsync([Good(), Bad("tank/c")], Cancel));
        Assert.Equal(["GET /ping/uuid/start", "POST /ping/uuid", "POST /ping/uuid/fail"], watcher.Requests.Select(static r => r.Line));
        Assert.Contains("ApiUnreachable", watcher.Requests[2].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watcher_that_does_not_answer_is_a_warning_without_the_address()
    {
        await using var watcher = await Watcher.StartAsync(HttpStatusCode.InternalServerError);
        using var http = new HttpClient();
        var refused = await new BackupPing(http, new Uri(watcher.Address, "ping/secret")).StartAsync(Cancel);
        Assert.Contains("it answered 500", refused, StringComparison.Ordinal);
        var nobody = await new BackupPing(http, new Uri("http://127.0.0.1:1/ping/secret")).EndAsync([Good()], Cancel);
        Assert.NotNull(nobody);
        Assert.DoesNotContain("secret", refused + nobody, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
