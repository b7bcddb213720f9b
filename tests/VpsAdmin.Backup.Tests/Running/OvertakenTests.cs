using VpsAdmin.Client;
using VpsAdmin.Transfer;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>Others are at work on the server while a backup is.</summary>
public sealed class OvertakenTests(LabFixture lab, RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private readonly HttpClient _http = TransferHttp.CreateClient();
    private readonly AlteredApi _api = new();
    private VpsAdminClient _client = null!;
    private Dataset _dataset = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _client = await server.ConnectAsync(_api);
        _dataset = await server.CreateDatasetAsync();
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<BackupResult> RunAsync(string filesystem, long? rate = null, IProgress<BackupProgress>? progress = null) =>
        new BackupRunner(_client, lab.Zfs, new SnapshotTransfer(_http, new TransferOptions(rate), TimeProvider.System), TimeProvider.System).RunAsync(
            new BackupRequest(_dataset.Id, filesystem, new BackupPlanOptions(), new RotationPolicy(), new TransferOptions()), progress, Cancel);

    [Fact]
    public async Task A_snapshot_that_is_deleted_when_the_backup_begins_costs_no_full_stream()
    {
        var filesystem = await lab.CreateFilesystemAsync("gone");
        await server.ChangeAsync(_dataset, "big", 1000);
        await RunAsync(filesystem);
        var (kept, _) = await server.ChangeAsync(_dataset, "c", 1000);
        var (gone, _) = await server.ChangeAsync(_dataset, "d", 1000);
        var deleted = false;
        _api.Refuse = request =>
        {
            if (!deleted && request.StartsWith("POST", StringComparison.Ordinal) && request.EndsWith("/snapshot_downloads", StringComparison.Ordinal))
            {
                deleted = true;
                server.DeleteAsync(gone).GetAwaiter().GetResult();
            }
            return null;
        };
        var result = await RunAsync(filesystem);
        Assert.Equal([kept.Name], result.SnapshotsAdded);
        Assert.Contains("Beginning again", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.False(await lab.Zfs.ExistsAsync($"{filesystem}/0.old", Cancel));
    }

    [Fact]
    public async Task What_was_received_before_the_server_deleted_the_rest_is_what_the_run_has_done()
    {
        var filesystem = await lab.CreateFilesystemAsync("half");
        var (kept, _) = await server.ChangeAsync(_dataset, "c", 1000);
        var (gone, _) = await server.ChangeAsync(_dataset, "d", 1000);
        var exports = 0;
        _api.Refuse = request =>
        {
            if (request.StartsWith("POST", StringComparison.Ordinal) && request.EndsWith("/snapshot_downloads", StringComparison.Ordinal) && ++exports == 2)
                server.DeleteAsync(gone).GetAwaiter().GetResult();
            return null;
        };
        var result = await RunAsync(filesystem);
        Assert.Equal((BackupOutcome.Transfer, 1), (result.Outcome, result.SnapshotCount));
        Assert.Equal([kept.Name], result.SnapshotsAdded);
    }

    [Fact]
    public async Task Two_backups_of_one_dataset_use_one_export_and_neither_takes_it_from_the_other()
    {
        await server.ChangeAsync(_dataset, "f", 4 << 20);
        var (slow, fast) = (await lab.CreateFilesystemAsync("slow"), await lab.CreateFilesystemAsync("fast"));
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var over = new TaskCompletionSource();
        var first = RunAsync(slow, rate: 2 << 20, new Told(p =>
        {
            // In the middle of it, until the other one has ended.
            if (p.Transfer is { BytesTransferred: > 0 } && begun.TrySetResult())
                over.Task.Wait(Cancel);
        }));
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal(BackupOutcome.Transfer, (await RunAsync(fast)).Outcome);
        over.SetResult();
        Assert.Equal(BackupOutcome.Transfer, (await first).Outcome);
        Assert.Single(_api.Asked);
        Assert.Empty(await _client.GetDownloadsAsync(null, Cancel));
    }

    [Fact]
    public async Task An_export_that_whoever_made_it_takes_away_is_made_anew()
    {
        await server.ChangeAsync(_dataset, "f", 4 << 20);
        var slow = await lab.CreateFilesystemAsync("slow");
        var made = await SnapshotExport.OpenAsync(
            _client, new ExportRequest((await _client.GetSnapshotsAsync(_dataset.Id, Cancel)).Single().Id, null, ExportFormat.Stream), new TransferOptions(), TimeProvider.System, null, Cancel);
        var taken = false;
        // When the backup has joined it, and asks how far it is.
        _api.Refuse = request =>
        {
            if (!taken && request.StartsWith("GET", StringComparison.Ordinal) && request.EndsWith($"/snapshot_downloads/{made.Id}", StringComparison.Ordinal))
            {
                taken = true;
                TakeAwayAsync(made).GetAwaiter().GetResult();
            }
            return null;
        };
        var result = await RunAsync(slow);
        Assert.Contains("Trying again", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.True(await lab.Zfs.ExistsAsync($"{slow}/0", Cancel));
    }

    private async Task TakeAwayAsync(SnapshotExport export)
    {
        await export.DeleteAsync(Cancel);
        while ((await _client.GetDownloadsAsync(null, Cancel)).Any(d => d.Id == export.Id))
            await Task.Yield();
    }

    [Fact]
    public async Task A_download_that_the_user_has_made_is_used_and_left_to_him()
    {
        var (snapshot, _) = await server.ChangeAsync(_dataset, "f", 1000);
        var mine = await SnapshotExport.OpenAsync(_client, new ExportRequest(snapshot.Id, null, ExportFormat.Stream), new TransferOptions(), TimeProvider.System, null, Cancel);
        await RunAsync(await lab.CreateFilesystemAsync("mine"));
        Assert.Equal(mine.Id, Assert.Single(await _client.GetDownloadsAsync(null, Cancel)).Id);
        await mine.DeleteAsync(Cancel);
    }
}
