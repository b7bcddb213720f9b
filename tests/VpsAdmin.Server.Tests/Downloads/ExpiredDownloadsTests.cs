using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Downloads;

public sealed class ExpiredDownloadsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_download_is_removed_when_it_expires_and_not_before()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 13, 12, 0, 0, TimeSpan.Zero));
        await using var server = await RunningServer.StartAsync(time);
        var dataset = await server.AddDatasetAsync("101");
        var first = await ExportAsync(server, await server.AddSnapshotAsync(dataset, "2026-06-12T23:00:01"));
        time.Advance(TimeSpan.FromDays(1));
        await ExportAsync(server, await server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01"));

        time.Advance(TimeSpan.FromDays(6) - TimeSpan.FromSeconds(1));
        Assert.True(server.Node.IsIdle);
        time.Advance(TimeSpan.FromMinutes(11));
        var removal = await server.Node.NextAsync(Cancel);
        Assert.Equal(TransactionType.RemoveDownload, removal.Type);
        Assert.Equal(first.SecretKey, (string?)removal.Input["SecretKey"]);
        server.Node.Succeed(removal);
        await server.WaitForAsync(removal.ChainId, ChainState.Done);
        Assert.Equal(1, await server.QueryAsync(db => db.SnapshotDownloads.CountAsync(Cancel)));
    }

    private static async Task<SnapshotDownload> ExportAsync(RunningServer server, long snapshot)
    {
        var (download, chain) = await server.CreateDownloadAsync(snapshot);
        server.Node.SucceedDownload(await server.Node.NextAsync(Cancel), 1 << 20);
        await server.WaitForAsync(chain, ChainState.Done);
        return download;
    }
}
