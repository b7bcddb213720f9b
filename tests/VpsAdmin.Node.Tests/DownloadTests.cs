using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Tests;

public sealed class DownloadTests(LabFixture lab) : IAsyncLifetime
{
    private readonly DownloadBench _bench = new(lab);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _bench.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_full_stream_is_received_with_the_same_guid_and_the_report_is_of_the_file()
    {
        await _bench.FillAsync("data", bytes: 3 << 20, Cancel);
        var snapshot = await _bench.Node.SnapshotAsync("101", "2016-06-12T23:00:01", Cancel);
        var export = _bench.Export("2016-06-12T23:00:01", "stream");

        var output = await _bench.SucceedAsync(export, Cancel);

        await _bench.ReceiveAsync("copy", Cancel);
        var copy = await lab.Zfs.GetSnapshotAsync(new SnapshotName($"{_bench.Node.Filesystem}/copy", "2016-06-12T23:00:01"), Cancel);
        Assert.Equal(snapshot.Guid, copy.Guid);
        Assert.Equal(new FileInfo(_bench.FilePath).Length, output.Bytes);
        Assert.Equal(await Sha256Async(), output.Sha256);
        var estimate = Assert.Single(_bench.Node.Events.OfType<ExportProgressed>());
        Assert.Equal((export.Id, DownloadBench.DownloadId), (estimate.TransactionId, estimate.DownloadId));
        Assert.InRange(estimate.ApproximateBytes, 3 << 20, 5 << 20);
    }

    [Fact]
    public async Task An_incremental_stream_carries_all_snapshots_since_its_base()
    {
        var snapshots = new List<ZfsSnapshot>();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            await _bench.FillAsync(name, bytes: 200_000, Cancel);
            snapshots.Add(await _bench.Node.SnapshotAsync("101", name, Cancel));
        }
        await _bench.SucceedAsync(_bench.Export("a", "stream"), Cancel);
        await _bench.ReceiveAsync("copy", Cancel);

        await _bench.SucceedAsync(_bench.Export("d", "incremental_stream", from: "a"), Cancel);
        await _bench.ReceiveAsync("copy", Cancel);

        var copies = await lab.Zfs.ListSnapshotsAsync($"{_bench.Node.Filesystem}/copy", depth: 0, Cancel);
        Assert.Equal(snapshots.Select(static s => (s.Name.Name, s.Guid)), copies.Select(static s => (s.Name.Name, s.Guid)));
    }

    [Fact]
    public async Task A_second_delivery_writes_the_file_anew()
    {
        await _bench.FillAsync("data", bytes: 1 << 20, Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
        var export = _bench.Export("s", "stream");
        await _bench.SucceedAsync(export, Cancel);
        await File.AppendAllTextAsync(_bench.FilePath, "what a former attempt wrote behind the end", Cancel);

        // Not the same bytes as before: zfs-fuse sends one snapshot in more ways than one.
        var second = await _bench.SucceedAsync(export, Cancel);

        Assert.Equal(second.Bytes, _bench.Length);
        Assert.Equal(second.Sha256, await Sha256Async());
        await _bench.ReceiveAsync("copy", Cancel);
    }

    [Fact]
    public async Task Folder_and_file_are_readable_to_a_web_server_and_the_area_cannot_be_listed()
    {
        await _bench.Node.SnapshotAsync("101", "s", Cancel);

        await _bench.SucceedAsync(_bench.Export("s", "stream"), Cancel);

        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsFreeBSD(), "Modes are a Unix matter.");
        Assert.Equal("644", Mode(_bench.FilePath));
        Assert.Equal("755", Mode(Path.GetDirectoryName(_bench.FilePath)!));
        Assert.Equal("711", Mode(_bench.Area));
    }

    [Fact]
    public async Task The_file_is_read_at_its_final_path_while_it_grows()
    {
        await _bench.FillAsync("data", bytes: 24 << 20, Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);

        var finished = await _bench.Node.SendAsync(_bench.Export("s", "stream"), Cancel);
        await Until.TrueAsync(() => _bench.Length > 0 || finished.IsCompleted, Cancel);
        var early = await _bench.ReadStartAsync(Cancel);
        var wasFinished = finished.IsCompleted;
        var output = (await finished.WaitAsync(Cancel)).Output.Deserialize(NodeJson.Default.DownloadSnapshotOutput)!;

        Assert.False(wasFinished);
        Assert.InRange(early.Length, 1, output.Bytes - 1);
        Assert.Equal(early, (await File.ReadAllBytesAsync(_bench.FilePath, Cancel))[..early.Length]);
    }

    [Fact]
    public async Task BUG_33_a_download_is_removed_once_and_gone_the_second_time()
    {
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
        var remove = _bench.Remove();
        Assert.Null((await _bench.Node.RunAsync(remove, Cancel)).Error);
        await _bench.SucceedAsync(_bench.Export("s", "stream"), Cancel);
        // One that never began is undone by doing nothing.
        Assert.Null((await _bench.Node.RunAsync(_bench.Remove() with { Rollback = true }, Cancel)).Error);

        for (var delivery = 0; delivery < 2; delivery++)
            Assert.Null((await _bench.Node.RunAsync(remove, Cancel)).Error);

        _bench.AssertNothingLeft();
        Assert.Contains("cannot be brought back", (await _bench.Node.RunAsync(remove with { Rollback = true }, Cancel)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollback_removes_the_export_whatever_there_is_of_it()
    {
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
        var export = _bench.Export("s", "stream");
        var rollback = export with { Rollback = true, Queue = "rollback" };

        Assert.Null((await _bench.Node.RunAsync(_bench.Export("s", "stream") with { Rollback = true, Queue = "rollback" }, Cancel)).Error);
        await _bench.SucceedAsync(export, Cancel);
        Assert.Null((await _bench.Node.RunAsync(rollback, Cancel)).Error);
        _bench.AssertNothingLeft();
        Assert.Null((await _bench.Node.RunAsync(rollback, Cancel)).Error);
    }

    private async Task<string> Sha256Async() => Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(_bench.FilePath, Cancel)));

    private static string Mode(string path) =>
        OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : Convert.ToString((int)File.GetUnixFileMode(path), toBase: 8);
}
