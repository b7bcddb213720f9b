using VpsAdmin.Backup.Tests.Running;
using VpsAdmin.Client;
using VpsAdmin.Lab;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.OpenZfs;

/// <summary>A backup into another machine with OpenZFS, over ssh; the server's datasets are on the machine's own ZFS.</summary>
public sealed class OpenZfsBackupTests(RunningServer server, OpenZfsFixture fixture)
    : IClassFixture<RunningServer>, IClassFixture<OpenZfsFixture>, IDisposable
{
    private const string Filesystem = $"{OpenZfsGuest.Back}/web";

    private readonly HttpClient _http = TransferHttp.CreateClient();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_remote_OpenZFS_receives_unmounted_holds_the_base_and_rotates()
    {
        Assert.SkipUnless(fixture.Guest.Available, fixture.Guest.Reason ?? "");
        var zfs = new ZfsHost(new ZfsHostOptions(Remote: fixture.Guest.Ssh));
        await zfs.CreateFilesystemAsync(Filesystem, null, Cancel);
        var dataset = await server.CreateDatasetAsync();
        var (a, _) = await server.ChangeAsync(dataset, "a", 300_000);
        var (b, content) = await server.ChangeAsync(dataset, "b", 100_000);

        var first = await RunAsync(zfs, dataset);
        Assert.Equal([a.Name, b.Name], first.SnapshotsAdded);
        Assert.Empty(first.Warnings);
        Assert.Equal([("mounted", "no"), ("readonly", "on"), ("canmount", "noauto")],
            [.. await PropertiesAsync("mounted", "readonly", "canmount")]);
        Assert.Equal([b.Name], await HeldAsync());

        var (c, _) = await server.ChangeAsync(dataset, "c", 100_000);
        var second = await RunAsync(zfs, dataset, new RotationPolicy(1, 1));
        Assert.Equal([c.Name], second.SnapshotsAdded);
        Assert.Equal([$"{Filesystem}/0@{a.Name}", $"{Filesystem}/0@{b.Name}"], second.SnapshotsDestroyed);
        Assert.Equal([c.Name], await HeldAsync());

        Assert.Equal(BackupOutcome.UpToDate, (await RunAsync(zfs, dataset)).Outcome);
        await fixture.Guest.RunAsync(["zfs", "mount", $"{Filesystem}/0"], Cancel);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)),
            (await fixture.Guest.RunAsync(["sha256sum", $"/{Filesystem}/0/b"], Cancel)).Split(' ')[0]);
    }

    private async Task<BackupResult> RunAsync(ZfsHost zfs, Dataset dataset, RotationPolicy? rotation = null) =>
        await new BackupRunner(server.Client, zfs, new SnapshotTransfer(_http, new TransferOptions(), TimeProvider.System), TimeProvider.System)
            .RunAsync(new BackupRequest(dataset.Id, Filesystem, new BackupPlanOptions(), rotation, new TransferOptions()), progress: null, Cancel);

    private async Task<IEnumerable<(string, string)>> PropertiesAsync(params string[] names) =>
        (await fixture.Guest.RunAsync(["zfs", "get", "-H", "-o", "property,value", string.Join(',', names), $"{Filesystem}/0"], Cancel))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => (line.Split('\t')[0], line.Split('\t')[1]));

    private async Task<IReadOnlyList<string>> HeldAsync()
    {
        var snapshots = (await fixture.Guest.RunAsync(["zfs", "list", "-H", "-r", "-t", "snapshot", "-o", "name", Filesystem], Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var holds = await fixture.Guest.RunAsync(["zfs", "holds", "-H", .. snapshots], Cancel);
        return [.. holds.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split('\t')).Where(static f => f[1] == BaseHold.Tag).Select(static f => f[0].Split('@')[1])];
    }

    public void Dispose() => _http.Dispose();
}
