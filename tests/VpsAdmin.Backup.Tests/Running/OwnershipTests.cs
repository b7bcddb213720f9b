using VpsAdmin.Client;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>What is no backup, or the backup of something else, is neither rotated away nor written over, whatever its name is.</summary>
public sealed class OwnershipTests(LabFixture lab, RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private readonly HttpClient _http = TransferHttp.CreateClient();
    private readonly AlteredApi _api = new();
    private VpsAdminClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly RotationPolicy Few = new(1, 1);

    public async ValueTask InitializeAsync() => _client = await server.ConnectAsync(_api);

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<BackupResult> RunAsync(Dataset? dataset, string filesystem, bool force = false) =>
        new BackupRunner(_client, lab.Zfs, new SnapshotTransfer(_http, new TransferOptions(), TimeProvider.System), TimeProvider.System).RunAsync(
            new BackupRequest(dataset?.Id, filesystem, new BackupPlanOptions(), Few, new TransferOptions(), Force: force), null, Cancel);

    private async Task<string[]> SnapshotsAsync(string filesystem) => [.. (await lab.Zfs.ListSnapshotsAsync(filesystem, null, Cancel)).Select(static s => s.Name.ToString())];

    /// <summary>A filesystem with the backup of a dataset of three snapshots, the oldest of which nobody has rotated yet.</summary>
    private async Task<(Dataset Dataset, string Filesystem, string[] Snapshots)> BackedUpAsync()
    {
        var dataset = await server.CreateDatasetAsync();
        var filesystem = await lab.CreateFilesystemAsync("owned");
        for (var n = 0; n < 3; n++)
            await server.ChangeAsync(dataset, $"f{n}", 1000);
        await new BackupRunner(_client, lab.Zfs, new SnapshotTransfer(_http, new TransferOptions(), TimeProvider.System), TimeProvider.System).RunAsync(
            new BackupRequest(dataset.Id, filesystem, new BackupPlanOptions(), Rotation: null, new TransferOptions()), null, Cancel);
        return (dataset, filesystem, await SnapshotsAsync(filesystem));
    }

    /// <summary>A snapshot of another dataset, which is in its history 1.</summary>
    private async Task<Dataset> OtherDatasetAsync()
    {
        var dataset = await server.CreateDatasetAsync();
        _api.CurrentHistoryId = 1;
        var (snapshot, _) = await server.ChangeAsync(dataset, "g", 1000);
        _api.HistoryIds[snapshot.Name] = 1;
        return dataset;
    }

    [Fact]
    public async Task Filesystems_with_numbers_for_names_and_snapshots_of_their_own_stay()
    {
        var dataset = await server.CreateDatasetAsync();
        await server.ChangeAsync(dataset, "f", 1000);
        var photos = await lab.CreateFilesystemAsync("photos");
        await lab.Zfs.CreateFilesystemAsync($"{photos}/2019", null, Cancel);
        foreach (var name in new[] { "auto-1", "auto-2" })
            await lab.Zfs.SnapshotAsync(new SnapshotName($"{photos}/2019", name), Cancel);

        var first = await RunAsync(dataset, photos);
        Assert.Contains($"'{photos}/2019' is not known to be of this backup", Assert.Single(first.Warnings), StringComparison.Ordinal);
        await server.ChangeAsync(dataset, "f", 1000);
        var second = await RunAsync(dataset, photos);
        Assert.Single(second.SnapshotsDestroyed);
        Assert.Equal(1, second.SnapshotCount);
        Assert.Equal([$"{photos}/2019@auto-1", $"{photos}/2019@auto-2"], (await SnapshotsAsync(photos)).Where(static s => s.Contains("/2019@", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_filesystem_with_a_number_and_without_snapshots_stays_even_where_all_is_read_only()
    {
        var dataset = await server.CreateDatasetAsync();
        await server.ChangeAsync(dataset, "f", 1000);
        var filesystem = await lab.CreateFilesystemAsync("ro");
        await lab.Zfs.CreateFilesystemAsync($"{filesystem}/2024", null, Cancel);
        await lab.Zfs.UnmountAsync($"{filesystem}/2024", Cancel);
        await lab.Zfs.SetPropertyAsync(filesystem, "readonly", "on", Cancel);
        await RunAsync(dataset, filesystem);
        Assert.True(await lab.Zfs.ExistsAsync($"{filesystem}/2024", Cancel));
    }

    [Fact]
    public async Task By_force_the_backup_of_another_dataset_comes_beside_the_former_ones_which_stays_whole()
    {
        var (_, filesystem, former) = await BackedUpAsync();
        var result = await RunAsync(await OtherDatasetAsync(), filesystem, force: true);
        Assert.Empty(result.SnapshotsDestroyed);
        Assert.Contains(result.Warnings, w => w.Contains($"'{filesystem}/0' is the backup of", StringComparison.Ordinal));
        Assert.Empty(former.Except(await SnapshotsAsync(filesystem)));
        // The base of the former one is still held.
        Assert.Equal(2, (await lab.Zfs.ListSnapshotsAsync(filesystem, null, Cancel)).Count(static s => s.Holds > 0));
    }

    [Fact]
    public async Task Another_server_gets_no_full_backup_in_where_the_number_is_that_of_the_former_ones_dataset()
    {
        var (dataset, filesystem, former) = await BackedUpAsync();
        await MoveAwayAsync(filesystem, dataset);
        _api.CurrentHistoryId = 1;
        var (snapshot, _) = await server.ChangeAsync(dataset, "g", 1000);
        _api.HistoryIds[snapshot.Name] = 1;

        var error = await Assert.ThrowsAsync<BackupConflictException>(() => RunAsync(dataset: null, filesystem));
        Assert.Equal(BackupOutcome.WrongDataset, error.Outcome);
        Assert.Contains("https://former.example.org/", error.Message, StringComparison.Ordinal);
        Assert.Equal(former, await SnapshotsAsync(filesystem));
    }

    [Fact]
    public async Task A_server_with_a_new_address_is_known_by_an_increment_that_fits_in()
    {
        var (dataset, filesystem, former) = await BackedUpAsync();
        await MoveAwayAsync(filesystem, dataset);

        // Names alone prove nothing.
        var before = await RunAsync(dataset: null, filesystem);
        Assert.Equal(BackupOutcome.UpToDate, before.Outcome);
        Assert.Contains("nothing is held and nothing rotated away", Assert.Single(before.Warnings), StringComparison.Ordinal);
        Assert.Equal(former, await SnapshotsAsync(filesystem));
        // What is here is told all the same: whoever watches for old backups goes by it.
        Assert.Equal((3, true), (before.SnapshotCount, before.NewestSnapshot is not null));

        await server.ChangeAsync(dataset, "g", 1000);
        var result = await RunAsync(dataset: null, filesystem);
        Assert.Empty(result.Warnings);
        Assert.Equal(former, result.SnapshotsDestroyed);
        Assert.Empty((await RunAsync(dataset: null, filesystem)).Warnings);
    }

    [Fact]
    public async Task A_snapshot_of_the_same_name_that_is_another_one_gets_no_increment_on_top()
    {
        var (dataset, filesystem, former) = await BackedUpAsync();
        await MoveAwayAsync(filesystem, dataset);
        var newest = SnapshotName.Parse(former[^1]);
        await lab.Zfs.ReleaseAsync(newest, BaseHold.Tag, Cancel);
        await lab.Zfs.DestroyAsync(newest.ToString(), Cancel);
        await lab.Zfs.SnapshotAsync(newest, Cancel);
        await server.ChangeAsync(dataset, "g", 1000);

        var error = await Assert.ThrowsAsync<BackupConflictException>(() => RunAsync(dataset: null, filesystem));
        Assert.Contains("https://former.example.org/", error.Message, StringComparison.Ordinal);
        Assert.Equal(former, await SnapshotsAsync(filesystem));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("@https://former.example.org", false)]
    public async Task The_download_that_a_former_run_left_is_replaced_but_none_of_the_same_number_that_another_server_had(string of, bool isReplaced)
    {
        var (dataset, filesystem, _) = await BackedUpAsync();
        var (snapshot, _) = await server.ChangeAsync(dataset, "g", 1000);
        var left = await SnapshotExport.OpenAsync(_client, new ExportRequest(snapshot.Id, null, ExportFormat.Stream), new TransferOptions(), TimeProvider.System, null, Cancel);
        await lab.Zfs.SetPropertyAsync(filesystem, BackupRunner.DownloadIdProperty, left.Id + of, Cancel);

        if (isReplaced)
            Assert.Equal([snapshot.Name], (await RunAsync(dataset, filesystem)).SnapshotsAdded);
        else
            Assert.Equal(TransferFailure.FormatConflict, (await Assert.ThrowsAsync<TransferException>(() => RunAsync(dataset, filesystem))).Failure);
        Assert.Equal(!isReplaced, (await _client.GetDownloadsAsync(null, Cancel)).Any(d => d.Id == left.Id));
    }

    [Fact]
    public async Task Histories_of_the_original_client_are_known_by_what_the_server_has_and_from_then_on()
    {
        var (dataset, filesystem, former) = await BackedUpAsync();
        foreach (var name in new[] { filesystem, $"{filesystem}/0" })
            await lab.Zfs.InheritPropertyAsync(name, BackupMark.Property, Cancel);
        await RunAsync(dataset: null, filesystem);
        Assert.Equal(former[^1..], await SnapshotsAsync(filesystem));
        Assert.NotNull(await lab.Zfs.GetLocalPropertyAsync($"{filesystem}/0", BackupMark.Property, Cancel));
    }

    [Theory]
    [InlineData(400_000, false)]
    [InlineData(3_000_000, true)]
    public async Task What_is_in_the_place_of_a_history_is_kept_under_another_name(int bytes, bool force)
    {
        var dataset = await server.CreateDatasetAsync();
        await server.ChangeAsync(dataset, "f", 1000);
        var filesystem = await lab.CreateFilesystemAsync("occupied");
        await lab.Zfs.CreateFilesystemAsync($"{filesystem}/0", null, Cancel);
        var content = new byte[bytes];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine((await lab.Zfs.GetFilesystemAsync($"{filesystem}/0", Cancel)).Mountpoint!, "keys"), content, Cancel);
        // What was written is accounted for when it is no longer only in memory.
        await lab.Zfs.UnmountAsync($"{filesystem}/0", Cancel);

        var result = await RunAsync(dataset, filesystem, force);
        Assert.Contains($"'{filesystem}/0.old'", Assert.Single(result.Warnings), StringComparison.Ordinal);
        await lab.Zfs.MountAsync($"{filesystem}/0.old", Cancel);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine((await lab.Zfs.GetFilesystemAsync($"{filesystem}/0.old", Cancel)).Mountpoint!, "keys"), Cancel));
    }

    /// <summary>As if the backup had been made of another server, where the number is another dataset.</summary>
    private async Task MoveAwayAsync(string filesystem, Dataset dataset)
    {
        var mark = new BackupMark(dataset.Id, "https://former.example.org/").ToString();
        foreach (var name in new[] { filesystem, $"{filesystem}/0" })
            await lab.Zfs.SetPropertyAsync(name, BackupMark.Property, mark, Cancel);
    }
}
