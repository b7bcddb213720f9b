using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>Several snapshots at once, and what may be in the way of one.</summary>
public sealed class SaveManyTests(LabFixture lab) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Several_are_saved_at_a_time_each_with_a_bar_and_an_error_of_its_own()
    {
        using var session = await lab.ConnectAsync();
        var ids = Enumerable.Range(0, 3).Select(_ => Filled(session, MiB).Get<long>("Id")).ToArray();
        var result = session.Run("param($Ids, $Path) Save-VpsSnapshot (@(999999) + $Ids) $Path -ThrottleLimit 4", ("Ids", ids), ("Path", _folder.Path));
        Assert.Equal(["999999: ObjectNotFound"], result.Errors.Select(e => $"{e.TargetObject}: {e.Id()}{(e.Id() == "ObjectNotFound" ? "" : $" {e}")}"));
        Assert.Equal(ids, result.Output.Select(s => s.Get<long>("SnapshotId")).Order());
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
        Assert.Equal(3, result.Progress.Where(p => p.RecordType == ProgressRecordType.Completed).DistinctBy(p => p.ActivityId).Count());
        foreach (var id in ids)
            Assert.Empty(await lab.DownloadsOfAsync(id));
    }

    [Fact]
    public async Task Stopping_stops_all_of_them()
    {
        using var session = await lab.ConnectAsync();
        var snapshots = Enumerable.Range(0, 3).Select(_ => Filled(session, 4 * MiB)).ToArray();
        using var shell = session.Prepare("param($Snapshots, $Path) $Snapshots | Save-VpsSnapshot $Path -ThrottleLimit 3 -MaxRate 300KB", ("Snapshots", snapshots), ("Path", _folder.Path));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => Directory.GetFiles(_folder.Path, "*.part").Count(static f => new FileInfo(f).Length > 0) == 3 || running.IsCompleted, TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Equal(6, Directory.GetFiles(_folder.Path).Length);

        // Nothing holds the parts any more, and the server still has what they are of.
        var resumed = session.Run("param($Path) Get-VpsTransfer $Path | Save-VpsSnapshot -ThrottleLimit 3", ("Path", _folder.Path));
        Assert.Empty(resumed.Errors.Select(e => e.ToString()));
        Assert.All(resumed.Output, s => Assert.True(s.Get<long>("ResumedFrom") > 0));
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public async Task BUG_15_a_download_of_another_format_is_named_and_replaced_when_that_is_wanted()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, 1000);
        Assert.Empty(Save(session, snapshot, "-KeepOnServer").Errors);
        var refused = Save(session, snapshot, "-Format Stream");
        Assert.Equal("FormatConflict", refused.ErrorId);
        Assert.Contains("-Force", refused.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Path));
        Assert.Equal("Stream", Save(session, snapshot, "-Format Stream -Force").Single.Get<string>("Format"));
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public async Task BUG_24_a_part_of_another_snapshot_is_named_before_the_server_is_asked()
    {
        using var session = await lab.ConnectAsync();
        var (first, second) = (Filled(session, 4 * MiB), Filled(session, 1000));
        var file = _folder.File("one");
        using var shell = session.Prepare("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path -MaxRate 1MB", ("Snapshot", first), ("Path", file));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => File.Exists(file + ".part") && new FileInfo(file + ".part").Length > 0 || running.IsCompleted, TestContext.Current.CancellationToken);
        shell.Stop();
        var refused = session.Run("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path -Resume", ("Snapshot", second), ("Path", file));
        Assert.Equal("TargetConflict", refused.ErrorId);
        await lab.WaitForDownloadsAsync(second.Get<long>("Id"), 0);
        Assert.True(File.Exists(file + ".part"));
    }

    [Fact]
    public async Task Without_an_id_the_person_at_the_prompt_is_asked()
    {
        using var session = await lab.ConnectAsync();
        Filled(session, 1000);
        session.Host.Answers.Enqueue("1");
        session.Host.Clear();
        // Whose snapshot is the first is other tests' business: it is chosen, and not saved.
        Assert.Empty(session.Run("param($Path) Save-VpsSnapshot -Path $Path -WhatIf", ("Path", _folder.Path)).Errors.Select(e => e.ToString()));
        Assert.Contains("(1) ", session.Host.Text, StringComparison.Ordinal);
        Assert.Matches("Save as Archive.*snapshot [0-9]+", session.Host.Text);
        Assert.Equal("NobodyToAsk", session.Terminating("Save-VpsSnapshot").Id());
    }

    public void Dispose() => _folder.Dispose();

    private PSObject Filled(EngineSession session, int bytes)
    {
        var vps = new TestVps(lab, session);
        vps.Write("data", bytes);
        return vps.Snapshot();
    }

    private RunResult Save(EngineSession session, PSObject snapshot, string arguments) =>
        session.Run("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path " + arguments, ("Snapshot", snapshot), ("Path", _folder.Path));
}
