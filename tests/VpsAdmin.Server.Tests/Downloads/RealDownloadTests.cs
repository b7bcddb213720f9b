using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Client;
using VpsAdmin.Lab;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Server.Tests.Downloads;

/// <summary>Exports of a real ZFS: downloaded while they are written, and gone when they have expired.</summary>
public sealed class RealDownloadTests(RealDownloadTests.SlowServer server) : IClassFixture<RealDownloadTests.SlowServer>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_client_downloads_an_export_while_it_is_written_and_the_checksum_agrees()
    {
        server.Require();
        var vps = await server.CreateVpsAsync();
        var content = RandomNumberGenerator.GetBytes(8 << 20);
        await File.WriteAllBytesAsync(Path.Combine(await server.FolderAsync(vps.Dataset!.Label!), "content"), content, Cancel);
        var snapshot = await server.TakeSnapshotAsync(vps.Dataset.Id);

        using var http = TransferHttp.CreateClient();
        var request = new ExportRequest(snapshot.Id, null, ExportFormat.Stream);
        var export = await SnapshotExport.OpenAsync(server.Admin, request, new(), TimeProvider.System, null, Cancel);
        var path = _folder.Below("stream.dat.gz");
        await using var sink = new FileSink(path, overwrite: false, resume: false, request);
        var early = new FirstBytes();
        var transfer = new SnapshotTransfer(http, new(), TimeProvider.System).RunAsync(export, sink, early, Cancel);

        await Task.WhenAny(early.Seen, transfer);
        Assert.True(early.Seen.IsCompletedSuccessfully, "Nothing arrived while the export was written.");
        Assert.False((await server.Admin.GetDownloadAsync(export.Id, Cancel)).Ready);
        server.Double.GoOn();

        var result = await transfer;
        var download = await server.Admin.GetDownloadAsync(export.Id, Cancel);
        Assert.Equal((true, true, download.Sha256), (download.Ready, result.Verified, result.Sha256));
        Assert.Equal(download.Sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, Cancel))));
    }

    [Fact]
    public async Task An_export_that_has_expired_leaves_the_pool_and_the_others_stay()
    {
        server.Require();
        server.Double.GoOn();
        var vps = await server.CreateVpsAsync();
        var (old, young) = (await server.TakeSnapshotAsync(vps.Dataset!.Id), await server.TakeSnapshotAsync(vps.Dataset.Id));
        var expired = await server.ExportAsync(old.Id);
        var file = Assert.Single(Exports(expired));
        await server.QueryAsync(db => db.SnapshotDownloads.Where(d => d.Id == expired.Id).ExecuteUpdateAsync(static set => set.SetProperty(static d => d.ExpirationDate, DateTimeOffset.UtcNow.AddMinutes(-1)), Cancel));

        // The end of any export is a reason to look.
        var kept = await server.ExportAsync(young.Id);
        var removal = await RemovalOfAsync(expired.Id);
        await server.WaitForEndAsync(removal);
        Assert.False(File.Exists(file));
        Assert.Single(Exports(kept));
        Assert.Equal([kept.Id], (await server.Admin.GetDownloadsAsync(null, Cancel)).Select(static d => d.Id).Where(id => id == kept.Id || id == expired.Id));
    }

    /// <summary>The chain that removes it, once there is one.</summary>
    private async Task<long> RemovalOfAsync(long download)
    {
        var signals = server.Services.GetRequiredService<ChainSignals>();
        while (true)
        {
            var change = signals.NextChange;
            var removal = await server.QueryAsync(db => db.ChainConcerns.Where(c => c.ClassName == "SnapshotDownload" && c.RowId == download).Select(static c => c.ChainId).SingleOrDefaultAsync(Cancel));
            if (removal != 0)
                return removal;
            await change.WaitAsync(Cancel);
        }
    }

    private string[] Exports(SnapshotDownload download) => Directory.GetFiles(server.Installation.DownloadFolderOf(server.Installation.PoolId)!, download.FileName, SearchOption.AllDirectories);

    /// <summary>Its sends stop in the middle until they may go on.</summary>
    public sealed class SlowServer() : RealServer([new ZfsRule("send", ZfsDeed.Pause, Bytes: 4 << 20)]);

    private sealed class FirstBytes : IProgress<TransferProgress>
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public void Report(TransferProgress value)
        {
            if (value.BytesTransferred > 0)
                _seen.TrySetResult();
        }
    }
}
