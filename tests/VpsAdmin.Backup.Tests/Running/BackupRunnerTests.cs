using System.Collections.Concurrent;
using VpsAdmin.Client;
using VpsAdmin.Lab;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>The whole way: server, export, transfer, receive, rotation, on a real ZFS.</summary>
public sealed class BackupRunnerTests(LabFixture lab, RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly HttpClient _http = TransferHttp.CreateClient();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupRunner Runner => WithRate(null);

    private BackupRunner WithRate(long? bytesPerSecond) =>
        new(server.Client, lab.Zfs, new SnapshotTransfer(_http, new TransferOptions(bytesPerSecond), TimeProvider.System), TimeProvider.System);

    private static BackupRequest Request(Dataset? dataset, string filesystem) =>
        new(dataset?.Id, filesystem, new BackupPlanOptions(), new RotationPolicy(), new TransferOptions());

    private Task<BackupResult> BackUpAsync(Dataset? dataset, string filesystem) => Runner.RunAsync(Request(dataset, filesystem), progress: null, Cancel);

    private async Task<string[]> SnapshotsAsync(string filesystem) =>
        [.. (await lab.Zfs.ListSnapshotsAsync(filesystem, null, Cancel)).Select(static s => s.Name.ToString())];

    [Fact]
    public async Task A_dataset_is_backed_up_in_full_then_what_is_new_then_nothing()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        var (one, first) = await server.ChangeAsync(dataset, "first", 300_000);
        var (two, second) = await server.ChangeAsync(dataset, "second", 200_000);

        var initial = await BackUpAsync(dataset, filesystem);
        Assert.Equal([one.Name, two.Name], initial.SnapshotsAdded);
        Assert.Equal((two.Name, true, 2), (initial.NextBase, initial.Verified, initial.Plan.Steps.Count));
        Assert.InRange(initial.Bytes, 500_000, 2_000_000);
        Assert.Empty(initial.Warnings);
        Assert.Equal([$"{filesystem}/0@{one.Name}", $"{filesystem}/0@{two.Name}"], await SnapshotsAsync(filesystem));
        Assert.Equal($"{dataset.Id}", await lab.Zfs.GetLocalPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, Cancel));
        Assert.True((await lab.Zfs.GetFilesystemAsync($"{filesystem}/0", Cancel)).IsReadOnly);

        var (three, third) = await server.ChangeAsync(dataset, "third", 100_000);
        var (four, _) = await server.ChangeAsync(dataset, "fourth", 100_000);
        // The filesystem remembers whose backup it is.
        var next = await BackUpAsync(null, filesystem);
        Assert.Equal([three.Name, four.Name], next.SnapshotsAdded);
        Assert.IsType<IncrementalStep>(Assert.Single(next.Plan.Steps));

        await lab.Zfs.SetPropertyAsync($"{filesystem}/0", "readonly", "off", Cancel);
        var (five, _) = await server.ChangeAsync(dataset, "fifth", 1000);
        Assert.Equal([five.Name], (await BackUpAsync(null, filesystem)).SnapshotsAdded);
        Assert.Equal("on", await lab.Zfs.GetLocalPropertyAsync($"{filesystem}/0", "readonly", Cancel));

        var idle = await BackUpAsync(dataset, filesystem);
        Assert.Equal((BackupOutcome.UpToDate, 0L, true, five.Name), (idle.Plan.Outcome, idle.Bytes, idle.Verified, idle.NextBase));
        Assert.Empty(idle.SnapshotsAdded);

        var clone = $"{filesystem}/look";
        await lab.Zfs.CloneAsync(new SnapshotName($"{filesystem}/0", four.Name), clone, properties: null, Cancel);
        var folder = (await lab.Zfs.GetFilesystemAsync(clone, Cancel)).Mountpoint!;
        Assert.Equal(first, await File.ReadAllBytesAsync(Path.Combine(folder, "first"), Cancel));
        Assert.Equal(second, await File.ReadAllBytesAsync(Path.Combine(folder, "second"), Cancel));
        Assert.Equal(third, await File.ReadAllBytesAsync(Path.Combine(folder, "third"), Cancel));
        Assert.Empty(await server.Client.GetDownloadsAsync(null, Cancel));
    }

    [Fact]
    public async Task A_run_with_nothing_to_do_reads_the_pool_once()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        await server.ChangeAsync(dataset, "first", 1000);
        await BackUpAsync(dataset, filesystem);

        using var zfs = await ZfsDouble.CreateAsync([]);
        var counted = new BackupRunner(
            server.Client, new ZfsHost(new ZfsHostOptions(Program: zfs.Program)), new SnapshotTransfer(_http, new TransferOptions(), TimeProvider.System), TimeProvider.System);
        Assert.Equal(BackupOutcome.UpToDate, (await counted.RunAsync(Request(dataset, filesystem), progress: null, Cancel)).Plan.Outcome);
        Assert.Single(zfs.Calls, "list");
        Assert.Single(zfs.Calls, "hold");
    }

    [Fact]
    public async Task A_plan_changes_nothing()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        for (var n = 0; n < 3; n++)
            await server.ChangeAsync(dataset, $"f{n}", 1000);

        var plan = await Runner.PlanAsync(Request(dataset, filesystem) with { Rotation = new RotationPolicy(1, 2) }, Cancel);

        Assert.Equal((BackupOutcome.Transfer, 2), (plan.Outcome, plan.Steps.Count));
        Assert.Single(plan.Rotation!.Snapshots);
        Assert.Null(await lab.Zfs.GetLocalPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, Cancel));
        Assert.Single(await lab.Zfs.ListFilesystemsAsync(filesystem, null, Cancel));
    }

    [Fact]
    public async Task BUG18_Rotation_keeps_the_maximum_also_when_there_is_nothing_to_transfer()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        var names = new List<string>();
        for (var n = 0; n < 4; n++)
            names.Add((await server.ChangeAsync(dataset, $"f{n}", 1000)).Snapshot.Name);

        var first = await Runner.RunAsync(Request(dataset, filesystem) with { Rotation = new RotationPolicy(1, 3) }, null, Cancel);
        Assert.Equal([$"{filesystem}/0@{names[0]}"], first.SnapshotsDestroyed);
        var second = await Runner.RunAsync(Request(dataset, filesystem) with { Rotation = new RotationPolicy(1, 2) }, null, Cancel);
        Assert.Equal(BackupOutcome.UpToDate, second.Plan.Outcome);
        Assert.Equal([$"{filesystem}/0@{names[1]}"], second.SnapshotsDestroyed);
        var none = await Runner.RunAsync(Request(dataset, filesystem) with { Rotation = null }, null, Cancel);
        Assert.Empty(none.SnapshotsDestroyed);
    }

    [Fact]
    public async Task BUG8_A_filesystem_of_another_dataset_is_refused_and_keeps_what_it_remembers_unless_forced()
    {
        var mine = await server.CreateDatasetAsync();
        var other = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        await server.ChangeAsync(mine, "f", 1000);
        await lab.Zfs.SetPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, $"{other.Id}", Cancel);

        var refused = await Assert.ThrowsAsync<BackupConflictException>(() => BackUpAsync(mine, filesystem));
        Assert.Equal(BackupOutcome.WrongDataset, refused.Outcome);
        Assert.Equal($"{other.Id}", await lab.Zfs.GetLocalPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, Cancel));

        await Runner.RunAsync(Request(mine, filesystem) with { Force = true }, null, Cancel);
        Assert.Equal($"{mine.Id}", await lab.Zfs.GetLocalPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, Cancel));
    }

    [Fact]
    public async Task By_force_a_filesystem_goes_over_to_another_dataset_only_when_its_stream_fits()
    {
        var mine = await server.CreateDatasetAsync();
        var other = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        var (one, _) = await server.ChangeAsync(mine, "f", 1000);
        await server.ChangeAsync(mine, "g", 1000);
        await lab.Zfs.SetPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, $"{other.Id}", Cancel);
        // The same name, and another snapshot.
        await lab.Zfs.CreateFilesystemAsync($"{filesystem}/0", new Dictionary<string, string> { ["canmount"] = "off" }, Cancel);
        await lab.Zfs.SnapshotAsync(new SnapshotName($"{filesystem}/0", one.Name), Cancel);

        await Assert.ThrowsAsync<TransferException>(() => Runner.RunAsync(Request(mine, filesystem) with { Force = true }, null, Cancel));

        Assert.Equal($"{other.Id}", await lab.Zfs.GetLocalPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, Cancel));
        Assert.Equal([$"{filesystem}/0@{one.Name}"], await SnapshotsAsync(filesystem));
    }

    [Fact]
    public async Task Equal_names_do_not_make_a_filesystem_the_backup_of_another_dataset()
    {
        var mine = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        await server.ChangeAsync(mine, "f", 1000);
        await BackUpAsync(mine, filesystem);
        await lab.Zfs.SetPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, "987654", Cancel);

        var refused = await Assert.ThrowsAsync<BackupConflictException>(() => Runner.RunAsync(Request(mine, filesystem) with { Force = true }, null, Cancel));

        Assert.Equal(BackupOutcome.WrongDataset, refused.Outcome);
        Assert.Contains("names alone prove nothing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filesystem_that_remembers_nothing_needs_a_dataset()
    {
        var filesystem = await lab.CreateFilesystemAsync("backup");
        var refused = await Assert.ThrowsAsync<BackupConflictException>(() => BackUpAsync(null, filesystem));
        Assert.Null(refused.Outcome);
    }

    [Fact]
    public async Task Without_a_common_snapshot_nothing_is_touched()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        var (one, _) = await server.ChangeAsync(dataset, "f", 1000);
        await BackUpAsync(dataset, filesystem);
        await server.ChangeAsync(dataset, "g", 1000);
        await server.DeleteAsync(one);

        var refused = await Assert.ThrowsAsync<BackupConflictException>(() => BackUpAsync(dataset, filesystem));
        Assert.Equal(BackupOutcome.NoCommonSnapshot, refused.Outcome);
        Assert.Equal([$"{filesystem}/0@{one.Name}"], await SnapshotsAsync(filesystem));
    }

    [Fact]
    public async Task Local_changes_are_an_error_that_says_so_and_are_thrown_away_by_force()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        var (one, _) = await server.ChangeAsync(dataset, "f", 1000);
        await BackUpAsync(dataset, filesystem);
        var target = $"{filesystem}/0";
        await ChangeLocallyAsync(target);
        var (two, _) = await server.ChangeAsync(dataset, "g", 1000);

        var refused = await Assert.ThrowsAsync<TransferException>(() => BackUpAsync(dataset, filesystem));
        Assert.Equal(TransferFailure.TargetConflict, refused.Failure);
        Assert.Contains($"zfs rollback {target}@{one.Name}", refused.Message, StringComparison.Ordinal);
        Assert.Equal([$"{target}@{one.Name}"], await SnapshotsAsync(filesystem));

        var forced = await Runner.RunAsync(Request(dataset, filesystem) with { Force = true }, null, Cancel);
        Assert.Equal([two.Name], forced.SnapshotsAdded);
    }

    [Fact]
    public async Task An_empty_history_dataset_is_filled_but_not_one_with_files()
    {
        var dataset = await server.CreateDatasetAsync();
        var (one, _) = await server.ChangeAsync(dataset, "f", 1000);
        var empty = await lab.CreateFilesystemAsync("backup");
        // Not mounted, as a receive leaves it: zfs-fuse sometimes fails with an I/O error when it has to unmount for -F.
        await lab.Zfs.CreateFilesystemAsync($"{empty}/0", new Dictionary<string, string> { ["canmount"] = "off" }, Cancel);
        Assert.Equal([one.Name], (await BackUpAsync(dataset, empty)).SnapshotsAdded);

        var used = await lab.CreateFilesystemAsync("backup");
        await lab.Zfs.CreateFilesystemAsync($"{used}/0", null, Cancel);
        var file = Path.Combine((await lab.Zfs.GetFilesystemAsync($"{used}/0", Cancel)).Mountpoint!, "precious");
        await File.WriteAllBytesAsync(file, new byte[4 << 20].Select(static (_, n) => (byte)(n * 31)).ToArray(), Cancel);
        // Counted once it is on disk; a snapshot puts it there.
        await lab.Zfs.SnapshotAsync(new SnapshotName($"{used}/0", "flush"), Cancel);
        await lab.Zfs.DestroyAsync($"{used}/0@flush", Cancel);
        var refused = await Assert.ThrowsAsync<TransferException>(() => BackUpAsync(dataset, used));
        Assert.Equal(TransferFailure.TargetConflict, refused.Failure);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task A_stopped_backup_leaves_nothing_behind_and_the_next_one_succeeds()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        await server.ChangeAsync(dataset, "f", 8 << 20);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var progress = new Recorder(p =>
        {
            // While the server is still making the file it is locked there, and cannot be deleted.
            if (p.Transfer is { BytesTransferred: > 0, TotalIsExact: true })
                stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WithRate(1 << 20).RunAsync(Request(dataset, filesystem), progress, stop.Token));

        Assert.Single(await lab.Zfs.ListFilesystemsAsync(filesystem, null, Cancel));
        Assert.Empty(await server.Client.GetDownloadsAsync(null, Cancel));
        Assert.Single((await BackUpAsync(dataset, filesystem)).SnapshotsAdded);
        Assert.Contains(progress.Seen, static p => p.Step.StartsWith("Receiving @", StringComparison.Ordinal) && p.Transfer is not null);
    }

    [Fact]
    public async Task Of_two_backups_at_once_one_succeeds_and_the_other_says_so_and_nothing_is_lost()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        var (one, _) = await server.ChangeAsync(dataset, "f", 1 << 20);
        BackupConflictException? refused = null;
        var progress = new Recorder(p =>
        {
            if (refused is null && p.Transfer is { BytesTransferred: > 0 })
                refused = Assert.ThrowsAsync<BackupConflictException>(() => BackUpAsync(dataset, filesystem)).GetAwaiter().GetResult();
        });

        var result = await Runner.RunAsync(Request(dataset, filesystem), progress, Cancel);

        Assert.Equal(BackupOutcome.AlreadyRunning, refused?.Outcome);
        Assert.Equal([one.Name], result.SnapshotsAdded);
        Assert.Equal([$"{filesystem}/0@{one.Name}"], await SnapshotsAsync(filesystem));
        Assert.Equal(BackupOutcome.UpToDate, (await BackUpAsync(dataset, filesystem)).Plan.Outcome);
    }

    [Fact]
    public async Task Files_stay_on_the_server_when_asked_for()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("backup");
        var (one, _) = await server.ChangeAsync(dataset, "f", 1000);
        await Runner.RunAsync(Request(dataset, filesystem) with { KeepOnServer = true }, null, Cancel);
        var kept = Assert.Single(await server.Client.GetDownloadsAsync(one.Id, Cancel));
        await server.Client.DeleteDownloadAsync(kept.Id, Cancel);
    }

    /// <summary>As somebody would who mounts the backup and works in it.</summary>
    private async Task ChangeLocallyAsync(string target)
    {
        await lab.Zfs.SetPropertyAsync(target, "readonly", "off", Cancel);
        await using (var mount = OwnedProcess.Start(new ProcessSpec("zfs", ["mount", target])))
            Assert.Equal(0, (await mount.Completion).ExitCode);
        var filesystem = await lab.Zfs.GetFilesystemAsync(target, Cancel);
        await File.WriteAllTextAsync(Path.Combine(filesystem.Mountpoint!, "mine"), "local", Cancel);
    }

    public void Dispose() => _http.Dispose();

    private sealed class Recorder(Action<BackupProgress> react) : IProgress<BackupProgress>
    {
        public ConcurrentQueue<BackupProgress> Seen { get; } = [];

        public void Report(BackupProgress value)
        {
            Seen.Enqueue(value);
            react(value);
        }
    }
}
