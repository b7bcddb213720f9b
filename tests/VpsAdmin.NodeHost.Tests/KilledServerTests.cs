using VpsAdmin.Client;
using VpsAdmin.Lab;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A server with a node in its process is killed when ZFS has done what it asked for, before it knows; the next one ends the work, and database and pool agree.</summary>
public sealed class KilledServerTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-killed-").FullName;
    private ZfsLab _lab = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    public async ValueTask InitializeAsync() => _lab = await ZfsLab.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("snapshot", "snapshot")]
    [InlineData("export", "send")]
    [InlineData("rollback", "rollback")]
    [InlineData("removal", "destroy")]
    public async Task What_a_server_was_killed_in_is_done_once_by_the_next_one(string work, string deadly)
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        await using var pool = await _lab.CreatePoolAsync("killed", cancel: Cancel);
        long datasetId, snapshotId;
        await using (await StartAsync(pool, null))
            (datasetId, snapshotId) = await UseAsync(MakeAsync);

        long? chain;
        using (var zfs = await ZfsDouble.CreateAsync([new ZfsRule(deadly, ZfsDeed.KillCaller)]))
        {
            await using var server = await StartAsync(pool, zfs.Folder);
            chain = await UseAsync(admin => BeginAsync(admin, work, datasetId, snapshotId));
            Assert.Equal(137, await server.EndAsync(Cancel));
        }
        await using var again = await StartAsync(pool, null);
        await UseAsync(async admin =>
        {
            await admin.WaitAsync(chain, null, Cancel);
            return true;
        });
        Assert.Equal((0, "", ""), await ChildProgram.RunAsync("vpsadmin-server", Cancel, "check", "--every-node", "--data", Data));
    }

    private Task<ChildProgram> StartAsync(LabPool pool, string? path) =>
        ChildProgram.StartAsync("vpsadmin-server", path, "Listening on", Cancel, "serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", pool.Name);

    private async Task<T> UseAsync<T>(Func<VpsAdminClient, Task<T>> use)
    {
        using var api = await AdministratorLogin.ConnectAsync(Data, Cancel);
        return await use(new VpsAdminClient(api));
    }

    /// <summary>A dataset with two snapshots; the id is of the older one.</summary>
    private static async Task<(long Dataset, long Snapshot)> MakeAsync(VpsAdminClient admin)
    {
        var (vps, creation) = await admin.CreateVpsAsync("web.example.org", Cancel);
        await admin.WaitAsync(creation, null, Cancel);
        var dataset = (await admin.GetVpsAsync(vps.Id, Cancel)).Dataset!.Id;
        var (snapshot, first) = await admin.CreateSnapshotAsync(dataset, null, Cancel);
        await admin.WaitAsync(first, null, Cancel);
        var (_, second) = await admin.CreateSnapshotAsync(dataset, null, Cancel);
        await admin.WaitAsync(second, null, Cancel);
        return (dataset, snapshot.Id);
    }

    internal static async Task<long?> BeginAsync(VpsAdminClient admin, string work, long datasetId, long snapshotId) => work switch
    {
        "snapshot" => (await admin.CreateSnapshotAsync(datasetId, null, Cancel)).ActionStateId,
        "export" => (await admin.CreateDownloadAsync(snapshotId, null, ExportFormat.Stream, sendMail: false, Cancel)).ActionStateId,
        "rollback" => (await admin.RollbackAsync(datasetId, snapshotId, Cancel)).ActionStateId,
        _ => (await admin.DeleteSnapshotAsync(datasetId, snapshotId, Cancel)).ActionStateId,
    };
}
