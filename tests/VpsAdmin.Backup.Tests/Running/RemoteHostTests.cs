using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>A backup into another machine's ZFS, over a real ssh.</summary>
public sealed class RemoteHostTests(LabFixture lab, RunningServer server, SshServer ssh) : IClassFixture<RunningServer>, IClassFixture<SshServer>, IDisposable
{
    private readonly HttpClient _http = TransferHttp.CreateClient();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ZfsHost Zfs
    {
        get
        {
            Assert.SkipUnless(ssh.Reason is null, ssh.Reason ?? "");
            return new ZfsHost(new ZfsHostOptions(Remote: ssh.Target));
        }
    }

    [Fact]
    public async Task BUG20_A_dataset_is_backed_up_into_another_machine_whatever_its_name()
    {
        var zfs = Zfs;
        var dataset = await server.CreateDatasetAsync();
        // A space is a separator to every shell.
        var parent = await lab.CreateFilesystemAsync("remote");
        var filesystem = $"{parent}/my backup";
        await lab.Zfs.CreateFilesystemAsync(filesystem, null, Cancel);
        var (a, _) = await server.ChangeAsync(dataset, "a", 300_000);
        var (b, _) = await server.ChangeAsync(dataset, "b", 100_000);
        var runner = new BackupRunner(server.Client, zfs, new SnapshotTransfer(_http, new TransferOptions(), TimeProvider.System), TimeProvider.System);
        var request = new BackupRequest(dataset.Id, filesystem, new BackupPlanOptions(), new RotationPolicy(1, 1), new TransferOptions());

        var result = await runner.RunAsync(request, progress: null, Cancel);

        Assert.Equal([a.Name, b.Name], result.SnapshotsAdded);
        Assert.Equal([$"{filesystem}/0@{a.Name}"], result.SnapshotsDestroyed);
        Assert.Empty(result.Warnings);
        Assert.Equal([b.Name], (await lab.Zfs.ListSnapshotsAsync(filesystem, null, Cancel)).Select(static s => s.Name.Name));
        Assert.Equal(BackupOutcome.UpToDate, (await runner.RunAsync(request, progress: null, Cancel)).Outcome);
    }

    [Fact]
    public async Task What_zfs_says_over_there_is_understood()
    {
        var error = await Assert.ThrowsAsync<ZfsException>(() => Zfs.GetFilesystemAsync("no-such-pool/x", Cancel));
        Assert.Equal(ZfsFailure.NotFound, error.Failure);
    }

    [Fact]
    public async Task A_host_that_is_not_reached_is_an_error_of_its_own()
    {
        var zfs = Zfs;
        var error = await Assert.ThrowsAsync<ZfsException>(
            () => new ZfsHost(new ZfsHostOptions(Remote: ssh.Target with { Destination = "nobody@127.0.0.1" })).GetFilesystemAsync("tank", Cancel));
        Assert.Equal(ZfsFailure.HostUnreachable, error.Failure);
        Assert.NotNull(zfs.Remote);
    }

    public void Dispose() => _http.Dispose();
}
