using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Downloads;

public sealed class DownloadRemovalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_removed_download_is_hidden_at_once_and_gone_when_the_file_is()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var download = await server.CreateDownloadAsync(snapshot);
        await FinishAsync(server, download);

        var chain = await server.RemoveDownloadAsync(download.Value.Id);
        Assert.Equal(Confirmed.Destroy, (await server.QueryAsync(db => db.SnapshotDownloads.SingleAsync(Cancel))).Confirmed);
        var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => server.CreateDownloadAsync(snapshot));
        Assert.Equal("this snapshot has already been made available for download", refused.Message);
        var work = await server.Node.NextAsync(Cancel);
        Assert.Equal((TransactionType.RemoveDownload, "general"), (work.Type, work.Queue));
        server.Node.Succeed(work);
        await server.WaitForAsync(chain!.Value, ChainState.Done);

        Assert.Equal(0, await server.QueryAsync(db => db.SnapshotDownloads.CountAsync(Cancel)));
        Assert.Null((await server.QueryAsync(db => db.Snapshots.SingleAsync(Cancel))).SnapshotDownloadId);
    }

    [Fact]
    public async Task A_removal_that_fails_brings_the_download_back()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var download = await server.CreateDownloadAsync(snapshot);
        await FinishAsync(server, download);

        var chain = await server.RemoveDownloadAsync(download.Value.Id);
        server.Node.Fail(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(chain!.Value, ChainState.Failed);

        Assert.Equal(Confirmed.Yes, (await server.QueryAsync(db => db.SnapshotDownloads.SingleAsync(Cancel))).Confirmed);
        Assert.Equal(download.Value.Id, (await server.QueryAsync(db => db.Snapshots.SingleAsync(Cancel))).SnapshotDownloadId);
        Assert.True(server.Node.IsIdle);
    }

    [Fact]
    public async Task A_download_that_nobody_wants_any_more_is_removed_when_it_is_made()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var (download, export) = await server.CreateDownloadAsync(snapshot);
        var making = await server.Node.NextAsync(Cancel);

        Assert.Null(await server.RemoveDownloadAsync(download.Id));
        Assert.Null(await server.RemoveDownloadAsync(download.Id));
        var expiring = await server.QueryAsync(db => db.SnapshotDownloads.SingleAsync(Cancel));
        Assert.Equal(Confirmed.Create, expiring.Confirmed);
        Assert.True(expiring.ExpirationDate <= DateTimeOffset.UtcNow);
        Assert.True(server.Node.IsIdle);

        server.Node.SucceedDownload(making, 1 << 20);
        await server.WaitForAsync(export, ChainState.Done);
        var removal = await server.Node.NextAsync(Cancel);
        Assert.Equal((TransactionType.RemoveDownload, download.SecretKey), (removal.Type, (string?)removal.Input["SecretKey"]));
        server.Node.Succeed(removal);
        await server.WaitForAsync(removal.ChainId, ChainState.Done);
        Assert.Equal(0, await server.QueryAsync(db => db.SnapshotDownloads.CountAsync(Cancel)));
        Assert.Null((await server.QueryAsync(db => db.Snapshots.SingleAsync(Cancel))).SnapshotDownloadId);
    }

    [Fact]
    public async Task It_is_also_removed_when_the_server_was_restarted_meanwhile()
    {
        await using var server = await RunningServer.StartAsync();
        var (download, _) = await server.CreateDownloadAsync(await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01"));
        await server.Node.NextAsync(Cancel);
        Assert.Null(await server.RemoveDownloadAsync(download.Id));

        await server.RestartAsync();
        server.Node.SucceedDownload(await server.Node.NextAsync(Cancel), 1 << 20);
        Assert.Equal(TransactionType.RemoveDownload, (await server.Node.NextAsync(Cancel)).Type);
    }

    [Fact]
    public async Task A_download_that_is_being_removed_is_locked()
    {
        await using var server = await RunningServer.StartAsync();
        var download = await server.CreateDownloadAsync(await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01"));
        await FinishAsync(server, download);
        var chain = await server.RemoveDownloadAsync(download.Value.Id);
        await AssertLockedAsync(server, download.Value.Id, $"Resource is locked by transaction chain {chain} (Remove download). Try again later.");
    }

    [Fact]
    public async Task A_download_whose_export_could_not_be_undone_stays_locked()
    {
        await using var server = await RunningServer.StartAsync();
        var (download, chain) = await server.CreateDownloadAsync(await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01"));
        server.Node.Fail(await server.Node.NextAsync(Cancel));
        server.Node.Fail(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(chain, ChainState.Fatal);
        await AssertLockedAsync(server, download.Id, $"Resource is locked by transaction chain {chain} (Download). Try again later.");
    }

    private static async Task AssertLockedAsync(RunningServer server, long downloadId, string message)
    {
        var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => server.RemoveDownloadAsync(downloadId));
        Assert.Equal((423, message), (refused.HttpStatus, refused.Message));
    }

    private static async Task FinishAsync(RunningServer server, StartedChain<SnapshotDownload> started)
    {
        server.Node.SucceedDownload(await server.Node.NextAsync(Cancel), 1 << 20);
        await server.WaitForAsync(started.ChainId, ChainState.Done);
    }
}
