using System.Management.Automation;
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
        Assert.Equal("UpToDate", PSObject.AsPSObject(nothing.Properties["Plan"].Value).Get<string>("Outcome"));
        Assert.Equal([$"/0@{first}", $"/0@{second}"], Zfs.Snapshots(filesystem));
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
        Assert.Equal(filesystem, Zfs.Run("list", "-H", "-r", "-o", "name", filesystem).Trim());
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
