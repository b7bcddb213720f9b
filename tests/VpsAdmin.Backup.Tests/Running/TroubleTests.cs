using System.Net;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>A server that is locked, away or not willing; a full disk; a spool with leftovers.</summary>
public sealed class TroubleTests(LabFixture lab, RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private readonly DirectoryInfo _spool = Directory.CreateTempSubdirectory("vpsadmin-spool-");
    private readonly AlteredApi _api = new();
    private readonly CountedDownloads _downloads = new();
    private HttpClient _http = null!;
    private VpsAdminClient _client = null!;
    private Dataset _dataset = null!;
    private string _filesystem = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupRequest Request => new(_dataset.Id, _filesystem, new BackupPlanOptions(), null, new TransferOptions());

    public async ValueTask InitializeAsync()
    {
        _http = new HttpClient(_downloads);
        _client = await server.ConnectAsync(_api);
        _dataset = await server.CreateDatasetAsync();
        _filesystem = await lab.CreateFilesystemAsync("trouble");
    }

    /// <summary>As a crash leaves it: the export is on the server, a part is here.</summary>
    private async Task InterruptAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var progress = new Told(p =>
        {
            if (p.Transfer is { BytesTransferred: > 300_000 })
                stop.Cancel();
        });
        var slow = new BackupRunner(_client, lab.Zfs, new SnapshotTransfer(_http, new TransferOptions(500_000), TimeProvider.System), TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow.RunAsync(Spooled, progress, stop.Token));
    }

    private Task<BackupResult> RunAsync(BackupRequest request) =>
        new BackupRunner(_client, lab.Zfs, new SnapshotTransfer(_http, request.Transfer, TimeProvider.System), TimeProvider.System).RunAsync(request, null, Cancel);

    private async Task<Snapshot> ChangeAsync(int bytes) => (await server.ChangeAsync(_dataset, "f", bytes)).Snapshot;

    private BackupRequest Spooled => Request with { SpoolFolder = _spool.FullName };

    private string SpoolFile(Snapshot snapshot) => Path.Combine(_spool.FullName, $".snapshot_{snapshot.Id}.dat.gz");

    [Theory]
    [InlineData("GET", HttpStatusCode.Locked, "Resource is locked by transaction chain 7 (Backup). Try again later.")]
    [InlineData("POST", HttpStatusCode.Locked, "Resource is locked by transaction chain 7 (Backup). Try again later.")]
    [InlineData("POST", HttpStatusCode.OK, "Resource is locked. Try again later.")]
    [InlineData("GET", HttpStatusCode.OK, "Resource is under maintenance: new disks")]
    [InlineData("GET", HttpStatusCode.ServiceUnavailable, "Back soon")]
    public async Task BUG17_What_is_locked_or_away_for_a_while_is_waited_for(string method, HttpStatusCode status, string message)
    {
        var a = await ChangeAsync(1000);
        var refusals = 2;
        _api.Refuse = request => request.StartsWith(method, StringComparison.Ordinal) && refusals-- > 0 ? (status, message) : null;
        Assert.Equal([a.Name], (await RunAsync(Request)).SnapshotsAdded);
        Assert.True(refusals < 0);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task What_stays_locked_is_a_conflict_of_its_own_when_patience_ends(string method)
    {
        await ChangeAsync(1000);
        _api.Refuse = request => request.StartsWith(method, StringComparison.Ordinal) && !request.Contains("token", StringComparison.Ordinal)
            ? (HttpStatusCode.Locked, "Resource is locked by transaction chain 7 (Backup).")
            : null;
        var refused = await Assert.ThrowsAsync<BackupConflictException>(
            () => RunAsync(Request with { Transfer = new TransferOptions(RetryTimeout: TimeSpan.FromSeconds(1)) }));
        Assert.Equal(BackupOutcome.Locked, refused.Outcome);
        Assert.Contains("chain 7", refused.Message, StringComparison.Ordinal);
        Assert.Single(await lab.Zfs.ListFilesystemsAsync(_filesystem, null, Cancel));
    }

    [Fact]
    public async Task A_revoked_token_is_not_tried_again()
    {
        await ChangeAsync(1000);
        await _client.Api.LogoutAsync(Cancel);
        var requests = 0;
        _api.Refuse = _ =>
        {
            requests++;
            return null;
        };
        Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => RunAsync(Request))).IsUnauthorized);
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task BUG16_An_export_that_the_server_does_not_remove_is_a_warning()
    {
        var a = await ChangeAsync(1000);
        _api.Refuse = static request => request.StartsWith("DELETE", StringComparison.Ordinal) ? (HttpStatusCode.Forbidden, "Not today") : null;
        var result = await RunAsync(Request);
        Assert.Equal([a.Name], result.SnapshotsAdded);
        Assert.Contains("Not today", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_target_leaves_what_was_there_and_the_next_run_succeeds()
    {
        var a = await ChangeAsync(1000);
        await RunAsync(Request);
        var b = await ChangeAsync(8 << 20);
        await lab.Zfs.SetPropertyAsync(_filesystem, "quota", "4M", Cancel);

        var full = await Assert.ThrowsAsync<TransferException>(() => RunAsync(Request));
        Assert.Equal(TransferFailure.SinkFailed, full.Failure);
        Assert.Equal([a.Name], await NamesAsync());

        await lab.Zfs.SetPropertyAsync(_filesystem, "quota", "none", Cancel);
        Assert.Equal([b.Name], (await RunAsync(Request)).SnapshotsAdded);
    }

    [Fact]
    public async Task A_safe_download_goes_through_a_file_that_is_gone_afterwards()
    {
        var a = await ChangeAsync(300_000);
        var b = await ChangeAsync(100_000);
        var result = await RunAsync(Spooled);
        Assert.Equal([a.Name, b.Name], result.SnapshotsAdded);
        Assert.True(result.Verified);
        Assert.InRange(result.Bytes, 400_000, 1_000_000);
        Assert.Empty(_spool.EnumerateFiles());
        Assert.Equal([a.Name, b.Name], await NamesAsync());
        Assert.Empty(await server.Client.GetDownloadsAsync(a.Id, Cancel));
    }

    [Fact]
    public async Task What_could_not_be_received_is_not_downloaded_again()
    {
        var a = await ChangeAsync(300_000);
        await lab.Zfs.SetPropertyAsync(_filesystem, "readonly", "off", Cancel);
        await lab.Zfs.SetPropertyAsync(_filesystem, "quota", "300K", Cancel);
        await Assert.ThrowsAsync<TransferException>(() => RunAsync(Spooled));
        Assert.True(File.Exists(SpoolFile(a)));

        await lab.Zfs.SetPropertyAsync(_filesystem, "quota", "none", Cancel);
        var before = _downloads.Count;
        Assert.Equal([a.Name], (await RunAsync(Spooled)).SnapshotsAdded);
        Assert.Equal(before, _downloads.Count);
        Assert.Empty(_spool.EnumerateFiles());
    }

    [Theory]
    [InlineData(".part")]
    [InlineData("")]
    public async Task BUG10_A_leftover_of_another_download_is_replaced(string ending)
    {
        var a = await ChangeAsync(100_000);
        await File.WriteAllTextAsync(SpoolFile(a) + ending, "what an older client left", Cancel);
        Assert.Equal([a.Name], (await RunAsync(Spooled)).SnapshotsAdded);
        Assert.Empty(_spool.EnumerateFiles());
    }

    [Fact]
    public async Task What_was_abandoned_is_cleared_and_what_may_be_of_other_datasets_stays()
    {
        var a = await ChangeAsync(1 << 20);
        var b = await ChangeAsync(100_000);
        var abandoned = Path.Combine(_spool.FullName, $".snapshot_{a.Id}-{b.Id}.inc.dat.gz");
        string[] others = [$".snapshot_{a.Id}-{b.Id + 1_000_000}.inc.dat.gz", $".snapshot_{b.Id}.txt", "mine"];
        await InterruptAsync();
        // As a run leaves it whose base was rotated away here before the next one.
        File.Move(SpoolFile(a) + ".part", abandoned + ".part");
        File.Move(SpoolFile(a) + ".part.json", abandoned + ".part.json");
        File.WriteAllText(SpoolFile(b), "whole, and never received");
        foreach (var other in others)
            File.WriteAllText(Path.Combine(_spool.FullName, other), "x");
        // Of the same dataset, by runs into another filesystem that are under way: one receives its file, one has just got it.
        string[] used = [$".snapshot_{b.Id}-{b.Id}.inc.dat.gz", $".snapshot_{a.Id}-{a.Id}.inc.dat.gz"];
        foreach (var file in used)
            File.WriteAllText(Path.Combine(_spool.FullName, file), "x");
        using var received = File.OpenRead(Path.Combine(_spool.FullName, used[0]));
        File.SetLastWriteTimeUtc(Path.Combine(_spool.FullName, used[1]), DateTime.UtcNow + TimeSpan.FromHours(1));

        Assert.Equal([a.Name, b.Name], (await RunAsync(Spooled)).SnapshotsAdded);
        Assert.Equal(used.Concat(others).Order(StringComparer.Ordinal), _spool.EnumerateFiles().Select(static f => f.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task BUG10_A_part_of_the_same_download_is_continued()
    {
        var a = await ChangeAsync(1 << 20);
        await InterruptAsync();
        var part = new FileInfo(SpoolFile(a) + ".part");
        Assert.InRange(part.Length, 1, 1 << 20);

        var before = _downloads.FirstBytes.Count;
        Assert.Equal([a.Name], (await RunAsync(Spooled)).SnapshotsAdded);
        Assert.Equal(part.Length, _downloads.FirstBytes[before]);
    }

    [Fact]
    public void The_name_of_a_backup_is_seen_by_all_users_of_the_machine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Abstract names are Linux's.");
        var name = $"vpsadmin-test-{Guid.NewGuid():N}";
        using (AbstractName.Take("tank/b", name))
        {
            var refused = Assert.Throws<BackupConflictException>(() => AbstractName.Take("tank/b", name));
            Assert.Equal(BackupOutcome.AlreadyRunning, refused.Outcome);
            Assert.Contains($"process {Environment.ProcessId} of user ", refused.Message, StringComparison.Ordinal);
        }
        AbstractName.Take("tank/b", name)!.Dispose();
    }

    private async Task<string[]> NamesAsync() => [.. (await lab.Zfs.ListSnapshotsAsync(_filesystem, null, Cancel)).Select(static s => s.Name.Name)];

    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _http?.Dispose();
        _api.Dispose();
        _spool.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private sealed class CountedDownloads() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        public int Count => FirstBytes.Count;

        /// <summary>Where each request began.</summary>
        public List<long> FirstBytes { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            FirstBytes.Add(request.Headers.Range?.Ranges.Single().From ?? 0);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
