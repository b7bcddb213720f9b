using System.Management.Automation;
using System.Text.Json;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

public sealed class BackupTests(LabFixture lab)
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_backup_is_full_at_first_then_incremental_then_nothing_to_do()
    {
        using var session = await lab.ConnectAsync();
        var (vps, filesystem) = Prepare(session);
        vps.Write("first", MiB);
        var first = vps.Snapshot().Get<string>("Name");
        var full = Backup(session, filesystem, "-Dataset $Id", vps).Single;
        Assert.Equal([first], full.Get<string[]>("SnapshotsAdded"));
        Assert.True(full.Get<bool>("Verified"));

        vps.Write("second", MiB);
        var second = vps.Snapshot().Get<string>("Name");
        var increment = Backup(session, filesystem, "-Dataset $Id", vps).Single;
        Assert.Equal([second], increment.Get<string[]>("SnapshotsAdded"));

        // The filesystem remembers its dataset.
        var nothing = Backup(session, filesystem, "", vps).Single;
        Assert.Empty(nothing.Get<string[]>("SnapshotsAdded"));
        Assert.Equal("UpToDate", nothing.Get<string>("Outcome"));
        Assert.Equal([$"/0@{first}", $"/0@{second}"], Zfs.Snapshots(filesystem));
    }

    [Fact]
    public async Task What_a_result_lists_can_be_indexed()
    {
        using var session = await lab.ConnectAsync();
        var (vps, filesystem) = Prepare(session);
        string[] names = [vps.Snapshot().Get<string>("Name"), vps.Snapshot().Get<string>("Name")];
        var output = session.Run("""
            param($Id, $Filesystem)
            (Backup-VpsDataset $Filesystem -Dataset $Id -PlanOnly).Steps[-1].Included[0].Name
            (Backup-VpsDataset $Filesystem -Dataset $Id).SnapshotsAdded[-1]
            $backup = Get-VpsBackup $Filesystem
            $backup.Snapshots[0].Name
            $backup.Histories[0].Snapshots[-1].Name
            """, ("Id", vps.DatasetId), ("Filesystem", filesystem)).Output;
        Assert.Equal([names[1], names[1], names[0], names[1]], output.Select(static o => o.BaseObject));
        Assert.Contains(DateTime.UtcNow.Year.ToString(System.Globalization.CultureInfo.InvariantCulture),
            session.Render("param($Filesystem) (Get-VpsBackup $Filesystem).Histories", ("Filesystem", filesystem)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vps_is_backed_up_from_the_pipeline()
    {
        using var session = await lab.ConnectAsync();
        var (vps, filesystem) = Prepare(session);
        var name = vps.Snapshot().Get<string>("Name");
        var result = session.Run("param($Id, $Filesystem) Get-Vps $Id | Backup-Vps $Filesystem", ("Id", vps.Id), ("Filesystem", filesystem));
        Assert.Equal([name], result.Single.Get<string[]>("SnapshotsAdded"));
    }

    [Theory]
    [InlineData("-PlanOnly")]
    [InlineData("-WhatIf")]
    public async Task A_plan_is_written_and_nothing_is_done(string how)
    {
        using var session = await lab.ConnectAsync();
        var (vps, filesystem) = Prepare(session);
        var snapshot = vps.Snapshot();
        var plan = Backup(session, filesystem, "-Dataset $Id " + how, vps).Single;
        Assert.Equal("Transfer", plan.Get<string>("Outcome"));
        Assert.Equal($"{filesystem}/0", plan.Get<string>("Target"));
        Assert.NotEmpty(plan.Get<object[]>("Steps"));
        Assert.Equal(filesystem, Zfs.Run("list", "-H", "-r", "-o", "name", filesystem).Trim());
        Assert.Equal("-", Zfs.Run("get", "-H", "-o", "value", "cz.vpsfree.vpsadmin:dataset_id", filesystem).Trim());
        Assert.Empty(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
    }

    [Fact]
    public async Task The_filesystem_of_another_dataset_is_refused()
    {
        using var session = await lab.ConnectAsync();
        var (vps, filesystem) = Prepare(session);
        vps.Snapshot();
        Assert.Empty(Backup(session, filesystem, "-Dataset $Id", vps).Errors);
        var other = new TestVps(lab, session);
        other.Snapshot();
        var result = Backup(session, filesystem, "-Dataset $Id", other);
        Assert.Equal("WrongDataset", result.ErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, result.Errors[0].CategoryInfo.Category);
    }

    [Fact]
    public async Task Bad_input_is_refused_and_nothing_is_done()
    {
        using var session = await lab.ConnectAsync();
        var (vps, filesystem) = Prepare(session);
        Assert.Equal("NoDatasetGiven", Backup(session, filesystem, "", vps).ErrorId);
        Assert.Equal("ZfsNotFound", Backup(session, filesystem + "/missing", "-Dataset $Id", vps).ErrorId);
        Assert.Equal("DatasetNotFound", Backup(session, filesystem, "-Dataset no/such", vps).ErrorId);
        Assert.Equal("NothingToBackUp", Backup(session, filesystem, "-Dataset $Id -NoSnapshotsAsError", vps).ErrorId);
        Assert.Equal("InvalidCombination", session.Terminating("Backup-VpsDataset $Filesystem -Dataset 1 -MinSnapshots 9 -MaxSnapshots 3", ("Filesystem", filesystem)).Id());
        foreach (var (arguments, id) in new (string, string)[]
        {
            ("-Keep 'daily=0'", "InvalidKeepPolicy"),
            ("-Keep 'daily=3' -MaxAge 9", "InvalidCombination"),
            ("-ZfsHost ' -oProxyCommand=x'", "InvalidZfsHost"),
            ("-SafeDownload /no/such/folder", "FolderNotFound"),
            ("-MetricsPath /no/such/folder/x.prom", "FolderNotFound"),
            ("-PingUri file:///etc/passwd", "InvalidPingUri"),
        })
            Assert.Equal(id, session.Terminating("Backup-VpsDataset $Filesystem -Dataset 1 " + arguments, ("Filesystem", filesystem)).Id());
        Assert.Equal(filesystem, Zfs.Run("list", "-H", "-r", "-o", "name", filesystem).Trim());
    }

    [Fact]
    public async Task Several_backups_come_from_the_pipeline_and_one_that_fails_does_not_stop_the_others()
    {
        using var session = await lab.ConnectAsync();
        var (one, first) = Prepare(session);
        var (two, second) = Prepare(session);
        one.Snapshot();
        two.Snapshot();
        const string Script = """
            param($One, $First, $Two, $Second)
            $jobs = [pscustomobject]@{ Dataset = $One; Filesystem = $First }, [pscustomobject]@{ Dataset = $Two; Filesystem = $Second },
                [pscustomobject]@{ Dataset = $Two; Filesystem = "$Second/missing" }, [pscustomobject]@{ Dataset = $Two; Filesystem = $Second }
            $jobs | Backup-VpsDataset -ThrottleLimit 2
            """;
        var result = session.Run(Script, ("One", one.DatasetId), ("First", first), ("Two", two.DatasetId), ("Second", second));
        Assert.Equal([first, second], result.Output.Select(o => o.Get<string>("Filesystem")).Order(StringComparer.Ordinal));
        Assert.All(result.Output, o => Assert.Single(o.Get<string[]>("SnapshotsAdded")));
        Assert.Equal(["InvalidCombination", "ZfsNotFound", "BackupPartial"], result.Errors.Select(e => e.Id()));
        // A preference may let any of them end the program, which did some of its work.
        Assert.Equal([15, 10, 10], result.Errors.Select(e => (int)e.Exception.Data["VpsAdmin.ExitCode"]!));
    }

    [Fact]
    public async Task The_stalest_comes_first_and_a_summary_of_all_at_the_end()
    {
        using var session = await lab.ConnectAsync();
        var (one, first) = Prepare(session);
        var (two, second) = Prepare(session);
        one.Snapshot();
        Backup(session, first, "-Dataset $Id", one);
        one.Snapshot();
        two.Snapshot();
        const string Script = """
            param($One, $First, $Two, $Second)
            [pscustomobject]@{ Dataset = $One; Filesystem = $First }, [pscustomobject]@{ Dataset = $Two; Filesystem = $Second } | Backup-VpsDataset -InformationVariable said
            foreach ($record in $said) { if ($record.Tags -contains 'BackupSummary') { "$($record.MessageData)" } }
            """;
        var result = session.Run(Script, ("One", one.DatasetId), ("First", first), ("Two", two.DatasetId), ("Second", second));
        Assert.Equal([second, first], result.Output.Take(2).Select(o => o.Get<string>("Filesystem")));
        Assert.Matches("^2 backups in .+: 2 with something new, .+; 0 without; 0 failed$", (string)result.Output[2].BaseObject);
    }

    [Fact]
    public async Task Programs_get_a_line_of_JSON_and_metrics_also_of_what_failed()
    {
        using var session = await lab.ConnectAsync();
        using var folder = new TemporaryFolder();
        var (vps, filesystem) = Prepare(session);
        var name = vps.Snapshot().Get<string>("Name");
        var metrics = folder.File("backup.prom");
        var line = (string)session.Run("param($Id, $Filesystem, $Metrics) Backup-VpsDataset $Filesystem -Dataset $Id -AsJson -MetricsPath $Metrics",
            ("Id", vps.DatasetId), ("Filesystem", filesystem), ("Metrics", metrics)).Single.BaseObject;
        Assert.Equal(name, JsonDocument.Parse(line).RootElement.GetProperty("snapshots_added")[0].GetString());
        Assert.Contains($"vpsadmin_backup_success{{filesystem=\"{filesystem}\"}} 1", await File.ReadAllLinesAsync(metrics, TestContext.Current.CancellationToken));

        var failed = session.Run("param($Filesystem, $Metrics) Backup-VpsDataset $Filesystem -Dataset 1 -AsJson -MetricsPath $Metrics", ("Filesystem", filesystem + "/x"), ("Metrics", metrics));
        Assert.Equal(("ZfsNotFound", 15), (failed.ErrorId, JsonDocument.Parse((string)failed.Single.BaseObject).RootElement.GetProperty("exit_code").GetInt32()));
        Assert.Contains($"vpsadmin_backup_success{{filesystem=\"{filesystem}/x\"}} 0", await File.ReadAllLinesAsync(metrics, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_watcher_that_is_not_there_is_a_warning_only()
    {
        using var session = await lab.ConnectAsync();
        var (vps, filesystem) = Prepare(session);
        vps.Snapshot();
        var result = Backup(session, filesystem, "-Dataset $Id -PingUri http://127.0.0.1:1/ping/secret", vps);
        Assert.Single(result.Output);
        Assert.Equal(2, result.Warnings.Count);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task Snapshots_are_kept_by_hours_days_and_weeks_and_a_folder_holds_the_download()
    {
        using var session = await lab.ConnectAsync();
        using var folder = new TemporaryFolder();
        var (vps, filesystem) = Prepare(session);
        var first = vps.Snapshot().Get<string>("Name");
        var second = vps.Snapshot().Get<string>("Name");
        var result = session.Run("param($Id, $Filesystem, $Folder) Backup-VpsDataset $Filesystem -Dataset $Id -Keep 'last=1,yearly=1' -SafeDownload $Folder",
            ("Id", vps.DatasetId), ("Filesystem", filesystem), ("Folder", Path.GetDirectoryName(folder.File("x"))!)).Single;
        Assert.Equal([$"{filesystem}/0@{first}"], result.Get<string[]>("SnapshotsDestroyed"));
        Assert.Equal([$"/0@{second}"], Zfs.Snapshots(filesystem));
    }

    [Fact]
    public async Task Stopping_leaves_no_process_and_no_half_received_snapshot_and_the_next_run_succeeds()
    {
        using var session = await lab.ConnectAsync();
        var (vps, filesystem) = Prepare(session);
        vps.Write("data", 8 * MiB);
        var snapshot = vps.Snapshot();
        using var shell = session.Prepare("param($Id, $Filesystem) Backup-VpsDataset $Filesystem -Dataset $Id -MaxRate 1MB", ("Id", vps.DatasetId), ("Filesystem", filesystem));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => Zfs.ProcessesNaming(filesystem).Count > 0 && shell.Streams.Progress.Any(p => p.ParentActivityId == 1), TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.True(running.IsCompleted);
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(Zfs.ProcessesNaming(filesystem));
        Assert.Empty(Zfs.Snapshots(filesystem));

        Assert.Equal([snapshot.Get<string>("Name")], Backup(session, filesystem, "-Dataset $Id", vps).Single.Get<string[]>("SnapshotsAdded"));
    }

    private (TestVps Vps, string Filesystem) Prepare(EngineSession session)
    {
        var vps = new TestVps(lab, session);
        var filesystem = $"{lab.TargetPool}/backup-{vps.Id}";
        Zfs.Run("create", filesystem);
        return (vps, filesystem);
    }

    private static RunResult Backup(EngineSession session, string filesystem, string arguments, TestVps vps) =>
        session.Run("param($Id, $Filesystem) Backup-VpsDataset $Filesystem " + arguments, ("Id", vps.DatasetId), ("Filesystem", filesystem));
}
