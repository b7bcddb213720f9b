using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;

namespace VpsAdmin.Node.Tests;

public sealed class DownloadFailureTests(LabFixture lab) : IAsyncLifetime
{
    private readonly DownloadBench _bench = new(lab);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _bench.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task BUG_2_a_missing_base_is_a_failure_and_leaves_no_file()
    {
        await _bench.FillAsync("data", bytes: 1 << 20, Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);

        var error = await _bench.FailAsync(_bench.Export("s", "incremental_stream", from: "gone"), Cancel);

        Assert.Contains("zfs send", error, StringComparison.Ordinal);
        Assert.Contains("does not exist", error, StringComparison.Ordinal);
        _bench.AssertNothingLeft();
    }

    [Fact]
    public async Task A_missing_snapshot_is_a_failure()
    {
        var error = await _bench.FailAsync(_bench.Export("never", "stream"), Cancel);

        Assert.Contains("101@never", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_bench.Area) && Directory.EnumerateFileSystemEntries(_bench.Area).Any());
    }

    [Theory]
    [InlineData("stream", "zfs", "was ended by signal 9")]
    [InlineData("archive", "tar", "failed with status 137")]
    public async Task BUG_2_a_child_killed_midway_is_a_failure_and_leaves_nothing(string format, string program, string words)
    {
        await _bench.FillAsync("data", bytes: 64 << 20, Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
        var finished = await _bench.Node.SendAsync(_bench.Export("s", format), Cancel);
        await Until.TrueAsync(() => _bench.Length > 1 << 20 || finished.IsCompleted, Cancel);

        using (var child = Process.GetProcessById(Assert.Single(_bench.Processes(program))))
            child.Kill();

        var result = await finished.WaitAsync(Cancel);
        Assert.False(result.Success);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
        _bench.AssertNothingLeft();
        Assert.False(await lab.Zfs.ExistsAsync(_bench.CloneName, Cancel));
    }

    [Theory]
    [InlineData("stream", "zfs")]
    [InlineData("archive", "tar")]
    public async Task Stopping_midway_leaves_nothing_and_reports_nothing_and_the_next_worker_does_it_all(string format, string program)
    {
        await _bench.FillAsync("data", bytes: 64 << 20, Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
        var finished = await _bench.Node.SendAsync(_bench.Export("s", format), Cancel);
        await Until.TrueAsync(() => _bench.Length > 1 << 20 || finished.IsCompleted, Cancel);
        Assert.Single(_bench.Processes(program));

        await _bench.Node.StopAsync();

        Assert.Empty(_bench.Processes(program));
        _bench.AssertNothingLeft();
        Assert.False(await lab.Zfs.ExistsAsync(_bench.CloneName, Cancel));
        Assert.False(finished.IsCompleted);
        Assert.Empty(_bench.Node.Events.OfType<TransactionFinished>());

        _bench.Node.Start();
        var result = await finished.WaitAsync(Cancel);
        Assert.Null(result.Error);
        Assert.Equal(_bench.Length, result.Output.Deserialize(NodeJson.Default.DownloadSnapshotOutput)!.Bytes);
    }

    [Theory]
    [InlineData("stream", "zfs")]
    [InlineData("archive", "tar")]
    public async Task An_export_that_is_called_off_midway_is_stopped_and_leaves_nothing(string format, string program)
    {
        await _bench.FillAsync("data", bytes: 64 << 20, Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
        var export = _bench.Export("s", format);
        var finished = await _bench.Node.SendAsync(export, Cancel);
        await Until.TrueAsync(() => _bench.Length > 1 << 20 || finished.IsCompleted, Cancel);
        Assert.Single(_bench.Processes(program));

        var undone = await _bench.Node.RunAsync(export with { Rollback = true, Queue = "rollback" }, Cancel);

        Assert.True(undone.Success, undone.Error);
        Assert.Empty(_bench.Processes(program));
        _bench.AssertNothingLeft();
        Assert.False(await lab.Zfs.ExistsAsync(_bench.CloneName, Cancel));
        var result = await finished.WaitAsync(Cancel);
        Assert.Equal((false, "It was called off."), (result.Success, result.Error));
    }

    [Fact]
    public async Task A_full_disk_is_a_failure_that_does_not_tell_the_secret_key()
    {
        await DownloadArea.PrepareAsync(lab.Zfs, _bench.Node.Filesystem, Cancel);
        await lab.Zfs.SetPropertyAsync($"{_bench.Node.Filesystem}/vpsadmin/download", "quota", "1M", Cancel);
        await _bench.FillAsync("data", bytes: 64 << 20, Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);

        var error = await _bench.FailAsync(_bench.Export("s", "stream"), Cancel);

        Assert.Contains("uota", error, StringComparison.Ordinal);
        Assert.DoesNotContain(DownloadBench.SecretKey, error, StringComparison.Ordinal);
        _bench.AssertNothingLeft();
        Assert.Empty(_bench.Processes("zfs"));
    }

    [Fact]
    public async Task A_pool_filesystem_without_a_mount_point_is_told_so()
    {
        await lab.Zfs.SetPropertyAsync(_bench.Node.Filesystem, "mountpoint", "none", Cancel);

        var exception = await Assert.ThrowsAsync<TransactionException>(
            () => DownloadArea.PrepareAsync(lab.Zfs, _bench.Node.Filesystem, Cancel));

        Assert.Contains("mount", exception.Message, StringComparison.Ordinal);
        Assert.False(await lab.Zfs.ExistsAsync($"{_bench.Node.Filesystem}/vpsadmin", Cancel));
    }
}
