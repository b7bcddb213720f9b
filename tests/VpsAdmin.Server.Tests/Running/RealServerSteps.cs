using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Client;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Chains;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>What tests do over and over, through the API as the administrator.</summary>
internal static class RealServerSteps
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Vps> CreateVpsAsync(this RealServer server, string hostname = "web.example.org")
    {
        var (vps, state) = await server.Admin.CreateVpsAsync(hostname, Cancel);
        await server.Admin.WaitAsync(state, null, Cancel);
        return await server.Admin.GetVpsAsync(vps.Id, Cancel);
    }

    public static async Task<Snapshot> TakeSnapshotAsync(this RealServer server, long datasetId, string? label = null)
    {
        var (snapshot, state) = await server.Admin.CreateSnapshotAsync(datasetId, label, Cancel);
        Assert.False(snapshot.IsConfirmed);
        await server.Admin.WaitAsync(state, null, Cancel);
        return await server.Admin.GetSnapshotAsync(datasetId, snapshot.Id, Cancel);
    }

    public static async Task<SnapshotDownload> ExportAsync(
        this RealServer server, long snapshotId, ExportFormat format = ExportFormat.Archive, long? fromId = null)
    {
        var (download, state) = await server.Admin.CreateDownloadAsync(snapshotId, fromId, format, sendMail: false, Cancel);
        Assert.False(download.Ready);
        await server.Admin.WaitAsync(state, null, Cancel);
        return await server.Admin.GetDownloadAsync(download.Id, Cancel);
    }

    /// <summary>Brings the backup of a dataset up to date.</summary>
    public static Task BackUpAsync(this RealServer server, long datasetId) => server.BackUpAsync(datasetId, server.Installation.Backups.Single().PoolId);

    /// <summary>The same of the one on this pool.</summary>
    public static async Task BackUpAsync(this RealServer server, long datasetId, long pool)
    {
        var chain = await server.UseAsync<DatasetBackup, long?>(backup => backup.StartAsync(datasetId, pool, 1, Cancel));
        await server.Admin.WaitAsync(chain, null, Cancel);
    }

    /// <summary>Waits until a chain has ended, well or not.</summary>
    public static async Task WaitForEndAsync(this RealServer server, long chainId)
    {
        var signals = server.Services.GetRequiredService<ChainSignals>();
        while (true)
        {
            var change = signals.NextChange;
            if (ChainMachine.IsFinished(await server.QueryAsync(db => db.TransactionChains.Where(c => c.Id == chainId).Select(static c => c.State).SingleAsync(Cancel))))
                return;
            await change.WaitAsync(Cancel);
        }
    }

    public static async Task RollBackAsync(this RealServer server, Snapshot snapshot)
    {
        var reply = await server.Admin.Api.CallAsync("dataset.snapshot#rollback", [snapshot.DatasetId, snapshot.Id], null, null, Cancel);
        await server.Admin.WaitAsync(reply.ActionStateId, null, Cancel);
    }

    /// <summary>Names and history ids as the API tells them, oldest first.</summary>
    public static async Task<IEnumerable<(string Name, int History)>> HistoriesAsync(this RealServer server, long datasetId) =>
        (await server.Admin.GetSnapshotsAsync(datasetId, Cancel)).Select(static s => (s.Name, s.HistoryId));

    public static async Task<int> CurrentHistoryAsync(this RealServer server, long datasetId) =>
        (await server.Admin.GetDatasetAsync(datasetId, Cancel)).CurrentHistoryId;

    /// <summary>Folder where a dataset's files are.</summary>
    public static async Task<string> FolderAsync(this RealServer server, string dataset) =>
        (await server.Zfs.GetFilesystemAsync($"{server.Filesystem}/{dataset}", Cancel)).Mountpoint!;

    public static async Task ReceiveAsync(this RealServer server, Stream stream, string target)
    {
        await using var receive = await server.Zfs.StartReceiveAsync(target, new ReceiveOptions(Unmounted: false), Cancel);
        await stream.CopyToAsync(receive.StandardInput, Cancel);
        await receive.StandardInput.DisposeAsync();
        var result = await receive.Completion;
        Assert.True(result.ExitCode == 0, result.StandardError);
    }
}
