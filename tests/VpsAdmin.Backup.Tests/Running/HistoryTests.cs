using System.Globalization;
using VpsAdmin.Client;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>Rollbacks on the server, refused increments, and what is done about them without a full transfer, on a real ZFS.</summary>
public sealed class HistoryTests(LabFixture lab, RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private readonly HttpClient _http = TransferHttp.CreateClient();
    private readonly AlteredApi _api = new();
    private VpsAdminClient _client = null!;
    private Dataset _dataset = null!;
    private string _filesystem = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _client = await server.ConnectAsync(_api);
        _dataset = await server.CreateDatasetAsync();
        _filesystem = await lab.CreateFilesystemAsync("history");
    }

    private Task<BackupResult> BackUpAsync(RotationPolicy? rotation = null) =>
        new BackupRunner(_client, lab.Zfs, new SnapshotTransfer(_http, new TransferOptions(), TimeProvider.System), TimeProvider.System)
            .RunAsync(new BackupRequest(_dataset.Id, _filesystem, new BackupPlanOptions(), rotation, new TransferOptions()), progress: null, Cancel);

    private async Task<Snapshot> ChangeAsync(string file, int bytes = 100_000) => (await server.ChangeAsync(_dataset, file, bytes)).Snapshot;

    private async Task<string[]> SnapshotsAsync() =>
        [.. (await lab.Zfs.ListSnapshotsAsync(_filesystem, null, Cancel)).Select(s => s.Name.ToString()[(_filesystem.Length + 1)..])];

    private async Task<ulong> GuidAsync(string dataset, Snapshot snapshot) =>
        (await lab.Zfs.GetSnapshotAsync(new SnapshotName($"{_filesystem}/{dataset}", snapshot.Name), Cancel)).Guid;

    /// <summary>As the server does it: a new history from the first to <paramref name="to"/>; what came after stays in the old one.</summary>
    private async Task RollBackServerAsync(IReadOnlyList<Snapshot> kept, IReadOnlyList<Snapshot> left)
    {
        _api.CurrentHistoryId = (_api.CurrentHistoryId ?? 0) + 1;
        foreach (var snapshot in kept)
            _api.HistoryIds[snapshot.Name] = _api.CurrentHistoryId.Value;
        foreach (var snapshot in left)
            await server.DeleteAsync(snapshot);
        // Names are seconds: what is deleted leaves its name to a snapshot of the same second.
        while (left.Any(static s => s.Name == DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)))
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancel);
    }

    [Fact]
    public async Task V9_V10_BUG12_A_rollback_on_the_server_costs_no_full_transfer()
    {
        var a = await ChangeAsync("a", 2 << 20);
        var b = await ChangeAsync("b");
        var c = await ChangeAsync("c");
        await BackUpAsync();
        var guid = await GuidAsync("0", b);

        await RollBackServerAsync([a, b], [c]);
        var nothing = await BackUpAsync(new RotationPolicy(1, 1));
        Assert.Equal(BackupOutcome.UpToDate, nothing.Outcome);
        // The newest of all is not needed any more; where the new history begins is.
        Assert.Equal([$"0@{b.Name}"], await SnapshotsAsync());
        Assert.Equal(b.Name, nothing.NextBase);

        var d = await ChangeAsync("d", 50_000);
        _api.HistoryIds[d.Name] = 1;
        var result = await BackUpAsync();
        Assert.IsType<SeedStep>(result.Plan.Steps[0]);
        Assert.Equal([d.Name], result.SnapshotsAdded);
        Assert.InRange(result.Bytes, 50_000, 1 << 20);
        Assert.Empty(result.Warnings);
        Assert.Equal([$"1@{b.Name}", $"1@{d.Name}"], await SnapshotsAsync());
        Assert.Equal(guid, await GuidAsync("1", b));
        var filesystem = await lab.Zfs.GetFilesystemAsync($"{_filesystem}/1", Cancel);
        Assert.Equal((true, false, null), (filesystem.IsReadOnly, filesystem.IsMounted, filesystem.Origin));
    }

    [Fact]
    public async Task The_history_that_an_unmarked_backup_goes_on_from_is_known_as_its_own_from_then_on()
    {
        var a = await ChangeAsync("a");
        var b = await ChangeAsync("b");
        await BackUpAsync();
        await lab.Zfs.InheritPropertyAsync($"{_filesystem}/0", BackupMark.Property, Cancel);
        await RollBackServerAsync([a], [b]);
        var c = await ChangeAsync("c");
        _api.HistoryIds[c.Name] = 1;
        // What the server has of it is in the new history since then.
        Assert.Empty((await BackUpAsync()).Warnings);
        Assert.Equal([$"{_filesystem}/0@{b.Name}"], (await BackUpAsync(new RotationPolicy(1, 1))).SnapshotsDestroyed);
    }

    [Fact]
    public async Task What_the_old_history_has_after_the_shared_snapshot_stays_until_it_is_rotated_away()
    {
        var a = await ChangeAsync("a");
        var b = await ChangeAsync("b");
        await BackUpAsync();
        await RollBackServerAsync([a], [b]);
        var c = await ChangeAsync("c");
        _api.HistoryIds[c.Name] = 1;
        await BackUpAsync();
        Assert.Equal([$"0@{b.Name}", $"1@{a.Name}", $"1@{c.Name}"], await SnapshotsAsync());

        var rotated = await BackUpAsync(new RotationPolicy(1, 1));
        Assert.Equal([$"{_filesystem}/0@{b.Name}"], rotated.SnapshotsDestroyed);
        Assert.Empty(rotated.Warnings);
        var again = await BackUpAsync(new RotationPolicy(1, 1));
        Assert.Equal([$"{_filesystem}/1@{a.Name}"], again.SnapshotsDestroyed);
        Assert.Empty(again.Warnings);
        Assert.Equal([$"1@{c.Name}"], await SnapshotsAsync());
        Assert.False(await lab.Zfs.ExistsAsync($"{_filesystem}/0", Cancel));
    }

    [Fact]
    public async Task A_seeding_that_a_crash_cut_short_is_taken_up_by_the_next_run()
    {
        var a = await ChangeAsync("a");
        var b = await ChangeAsync("b");
        await BackUpAsync();
        await RollBackServerAsync([a], [b]);
        var c = await ChangeAsync("c");
        _api.HistoryIds[c.Name] = 1;
        await lab.Zfs.CloneAsync(new SnapshotName($"{_filesystem}/0", a.Name), $"{_filesystem}/1", null, Cancel);

        Assert.Equal([c.Name], (await BackUpAsync()).SnapshotsAdded);
        Assert.Equal([$"0@{b.Name}", $"1@{a.Name}", $"1@{c.Name}"], await SnapshotsAsync());
    }

    [Fact]
    public async Task A_name_alone_does_not_make_a_seed_and_nothing_is_lost_by_trying()
    {
        var a = await ChangeAsync("a");
        await BackUpAsync();
        // Another snapshot of the same name, as the guid shows.
        await lab.Zfs.ReleaseAsync(new SnapshotName($"{_filesystem}/0", a.Name), BaseHold.Tag, Cancel);
        await lab.Zfs.DestroyAsync($"{_filesystem}/0@{a.Name}", Cancel);
        await lab.Zfs.SnapshotAsync(new SnapshotName($"{_filesystem}/0", a.Name), Cancel);
        var guid = await GuidAsync("0", a);
        await RollBackServerAsync([a], []);
        var b = await ChangeAsync("b");
        _api.HistoryIds[b.Name] = 1;

        var result = await BackUpAsync();

        Assert.Equal([b.Name], result.SnapshotsAdded);
        Assert.IsType<FullStep>(Assert.Single(result.Plan.Steps));
        Assert.Contains("are not the same snapshot", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal([$"0@{a.Name}", $"1@{b.Name}"], await SnapshotsAsync());
        Assert.Equal(guid, await GuidAsync("0", a));
    }

    [Fact]
    public async Task BUG30_A_refused_increment_is_taken_from_an_older_common_snapshot()
    {
        var a = await ChangeAsync("a", 2 << 20);
        var b = await ChangeAsync("b");
        await BackUpAsync();
        var guid = await GuidAsync("0", a);
        var c = await ChangeAsync("c");
        _api.RefusedBases.Add(b.Id);

        var result = await BackUpAsync();

        Assert.Equal([(c.Id, b.Id), (c.Id, a.Id)], _api.Asked.Skip(2).Select(static p => (p.Snapshot, p.From!.Value)));
        Assert.Equal([b.Name, c.Name], result.SnapshotsAdded);
        Assert.InRange(result.Bytes, 1, 1 << 20);
        Assert.Contains("no common branch", result.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("is kept as", result.Warnings[1], StringComparison.Ordinal);
        Assert.Equal([$"0.old@{b.Name}", $"0@{a.Name}", $"0@{b.Name}", $"0@{c.Name}"], (await SnapshotsAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(guid, await GuidAsync("0", a));
    }

    [Fact]
    public async Task BUG30_When_every_increment_is_refused_a_full_stream_goes_beside_what_is_there()
    {
        var a = await ChangeAsync("a");
        await BackUpAsync();
        var b = await ChangeAsync("b");
        _api.RefusedBases.Add(a.Id);

        var result = await BackUpAsync();

        Assert.Equal([b.Name], result.SnapshotsAdded);
        Assert.Equal(2, result.Warnings.Count);
        Assert.Equal([$"0.old@{a.Name}", $"0@{b.Name}"], (await SnapshotsAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(BackupOutcome.UpToDate, (await BackUpAsync()).Outcome);
    }

    [Fact]
    public async Task Local_snapshots_in_the_way_are_a_conflict_and_go_only_by_force()
    {
        await ChangeAsync("a");
        await BackUpAsync();
        await lab.Zfs.SnapshotAsync(new SnapshotName($"{_filesystem}/0", "mine"), Cancel);
        var b = await ChangeAsync("b");
        var refused = await Assert.ThrowsAsync<BackupConflictException>(() => BackUpAsync());
        Assert.Equal(BackupOutcome.Diverged, refused.Outcome);

        var runner = new BackupRunner(_client, lab.Zfs, new SnapshotTransfer(_http, new TransferOptions(), TimeProvider.System), TimeProvider.System);
        var forced = await runner.RunAsync(
            new BackupRequest(_dataset.Id, _filesystem, new BackupPlanOptions(), null, new TransferOptions(), Force: true), null, Cancel);
        Assert.Equal([b.Name], forced.SnapshotsAdded);
        Assert.DoesNotContain("0@mine", await SnapshotsAsync());
    }

    [Fact]
    public async Task The_base_is_held_and_the_hold_moves_on_also_after_a_crash_that_left_two()
    {
        var a = await ChangeAsync("a");
        await BackUpAsync();
        Assert.Equal([a.Name], await HeldAsync());
        await Assert.ThrowsAsync<ZfsException>(() => lab.Zfs.DestroyAsync($"{_filesystem}/0@{a.Name}", Cancel));

        var b = await ChangeAsync("b");
        await BackUpAsync();
        Assert.Equal([b.Name], await HeldAsync());

        await lab.Zfs.HoldAsync(new SnapshotName($"{_filesystem}/0", a.Name), BaseHold.Tag, Cancel);
        await BackUpAsync();
        Assert.Equal([b.Name], await HeldAsync());

        // Somebody else's hold is his.
        await lab.Zfs.HoldAsync(new SnapshotName($"{_filesystem}/0", a.Name), "mine", Cancel);
        var rotated = await BackUpAsync(new RotationPolicy(1, 1));
        Assert.Empty(rotated.SnapshotsDestroyed);
        Assert.Equal([a.Name, b.Name], await HeldAsync());
        await lab.Zfs.ReleaseAsync(new SnapshotName($"{_filesystem}/0", a.Name), "mine", Cancel);
    }

    [Fact]
    public async Task A_backup_in_the_originals_layout_goes_on()
    {
        var a = await ChangeAsync("a");
        var b = await ChangeAsync("b");
        // What vpsadminctl leaves: the property, and a dataset received with -F, mounted and writable.
        await lab.Zfs.SetPropertyAsync(_filesystem, BackupRunner.DatasetIdProperty, $"{_dataset.Id}", Cancel);
        await PipeAsync(a, from: null, $"{_filesystem}/0");
        await PipeAsync(b, a.Name, $"{_filesystem}/0");
        var c = await ChangeAsync("c");

        var result = await BackUpAsync();

        Assert.Equal([c.Name], result.SnapshotsAdded);
        Assert.Equal([a.Name, b.Name, c.Name], (await SnapshotsAsync()).Select(static s => s[2..]));
    }

    private async Task<string[]> HeldAsync() =>
        [.. (await lab.Zfs.ListSnapshotsAsync(_filesystem, null, Cancel)).Where(static s => s.Holds > 0).Select(static s => s.Name.Name)];

    /// <summary>The first into a dataset that it makes: over one that was just mounted, zfs-fuse now and then ends with an I/O error.</summary>
    private async Task PipeAsync(Snapshot snapshot, string? from, string target)
    {
        await using var send = await lab.Zfs.StartSendAsync(new SnapshotName(server.FilesystemOf(_dataset), snapshot.Name), from, Cancel);
        await using var receive = await lab.Zfs.StartReceiveAsync(target, new ReceiveOptions(Unmounted: false, Force: true), Cancel);
        await send.StandardOutput.CopyToAsync(receive.StandardInput, Cancel);
        await receive.StandardInput.DisposeAsync();
        Assert.Equal((0, 0, ""), ((await send.Completion).ExitCode, (await receive.Completion).ExitCode, (await receive.Completion).StandardError));
    }

    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _http.Dispose();
        _api.Dispose();
        return ValueTask.CompletedTask;
    }
}
