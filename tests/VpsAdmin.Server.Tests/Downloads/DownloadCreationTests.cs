using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Downloads;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Downloads;

public sealed class DownloadCreationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task V5_an_export_expires_after_a_week_and_when_it_is_finished_is_ready_with_size_checksum_and_link()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101/var"), "2026-06-13T23:00:01");

        var before = DateTimeOffset.UtcNow;
        var (download, chain) = await server.CreateDownloadAsync(snapshot, format: DownloadFormat.Stream);
        Assert.InRange(download.ExpirationDate, before.AddSeconds(604_800), DateTimeOffset.UtcNow.AddSeconds(604_800));
        var work = await server.Node.NextAsync(Cancel);
        Assert.Equal((TransactionType.DownloadSnapshot, "zfs_send", false), (work.Type, work.Queue, work.Rollback));
        server.Node.Report(new ExportProgressed(work.Id, download.Id, 5 << 20));
        server.Node.SucceedDownload(work, (3 << 20) - 1);
        await server.WaitForAsync(chain, ChainState.Done);

        var (row, link) = await server.QueryAsync(async db =>
            (await db.SnapshotDownloads.SingleAsync(Cancel), (await db.Snapshots.SingleAsync(Cancel)).SnapshotDownloadId));
        Assert.Equal((2, new string('a', 64), Confirmed.Yes), (row.Size, row.Sha256Sum, row.Confirmed));
        Assert.Equal(download.Id, link);
        Assert.Equal(0, await server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Progress_shows_while_the_export_runs_and_not_behind_its_end()
    {
        await using var server = await RunningServer.StartAsync();
        var dataset = await server.AddDatasetAsync("101");
        var (download, _) = await server.CreateDownloadAsync(await server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01"));
        var work = await server.Node.NextAsync(Cancel);
        await server.Node.ReportAsync(new ExportProgressed(work.Id, download.Id, 5 << 20));
        Assert.Equal(5, await SizeAsync());
        server.Node.SucceedDownload(work, 3 << 20);
        await server.Node.ReportAsync(new ExportProgressed(work.Id, download.Id, 9 << 20));
        Assert.Equal(3, await SizeAsync());

        Task<long?> SizeAsync() => server.QueryAsync(async db => (await db.SnapshotDownloads.SingleAsync(d => d.Id == download.Id, Cancel)).Size);
    }

    [Fact]
    public async Task V23_a_second_export_of_a_ready_snapshot_is_refused()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        await FinishAsync(server, await server.CreateDownloadAsync(snapshot));

        var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => server.CreateDownloadAsync(snapshot, format: DownloadFormat.Stream));
        Assert.Equal("this snapshot has already been made available for download", refused.Message);
    }

    [Fact]
    public async Task BUG_31_a_second_export_while_the_first_runs_meets_its_lock()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var first = await server.CreateDownloadAsync(snapshot);

        var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => server.CreateDownloadAsync(snapshot));
        Assert.Equal(423, refused.HttpStatus);
        Assert.Equal($"Resource is locked by transaction chain {first.ChainId} (Download). Try again later.", refused.Message);
        Assert.Equal(1, await server.QueryAsync(db => db.SnapshotDownloads.CountAsync(Cancel)));
        Assert.Equal(1, await server.QueryAsync(db => db.TransactionChains.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_failed_export_is_undone_and_its_row_disappears()
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var (_, chain) = await server.CreateDownloadAsync(snapshot);
        server.Node.Fail(await server.Node.NextAsync(Cancel));
        var undo = await server.Node.NextAsync(Cancel);
        Assert.Equal((true, "rollback"), (undo.Rollback, undo.Queue));
        server.Node.Succeed(undo);
        await server.WaitForAsync(chain, ChainState.Failed);

        Assert.Equal(0, await server.QueryAsync(db => db.SnapshotDownloads.CountAsync(Cancel)));
        Assert.Null((await server.QueryAsync(db => db.Snapshots.SingleAsync(Cancel))).SnapshotDownloadId);
        Assert.Equal("zfs send ended with status 1", (await server.QueryAsync(db => db.Transactions.SingleAsync(Cancel))).Error);
        await FinishAsync(server, await server.CreateDownloadAsync(snapshot));
    }

    [Fact]
    public async Task Refusals_come_in_vpsAdmins_order_with_its_words()
    {
        await using var server = await RunningServer.StartAsync();
        var dataset = await server.AddDatasetAsync("101");
        var older = await server.AddSnapshotAsync(dataset, "2026-06-12T23:00:01");
        var snapshot = await server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01");
        var otherHistory = await server.AddSnapshotAsync(dataset, "2026-06-11T23:00:01", historyId: 1);
        var laterOtherHistory = await server.AddSnapshotAsync(dataset, "2026-06-14T23:00:01", historyId: 1);
        var later = await server.AddSnapshotAsync(dataset, "2026-06-15T23:00:01");
        var elsewhere = await server.AddSnapshotAsync(await server.AddDatasetAsync("102"), "2026-06-12T23:00:01", historyId: 1);
        var exported = await server.AddSnapshotAsync(await server.AddDatasetAsync("103"), "2026-06-12T23:00:01");
        await FinishAsync(server, await server.CreateDownloadAsync(exported));
        const DownloadFormat incremental = DownloadFormat.IncrementalStream;

        await RefusedAsync(9999, null, incremental, "object not found", 404);
        await RefusedAsync(exported, null, incremental, "this snapshot has already been made available for download");
        await RefusedAsync(snapshot, null, incremental, "from_snapshot is required");
        await RefusedAsync(snapshot, 9999, DownloadFormat.Stream, "object not found", 404);
        await RefusedAsync(snapshot, elsewhere, DownloadFormat.Stream, "from_snapshot must belong to the same dataset");
        await RefusedAsync(snapshot, laterOtherHistory, DownloadFormat.Stream, "from_snapshot is for incremental_stream format only");
        await RefusedAsync(snapshot, laterOtherHistory, incremental, "snapshot and snapshot2 must share the same history identifier");
        await RefusedAsync(snapshot, otherHistory, incremental, "snapshot and snapshot2 must share the same history identifier");
        await RefusedAsync(snapshot, later, incremental, "from_snapshot must precede snapshot");
        await FinishAsync(server, await server.CreateDownloadAsync(snapshot, older, incremental));

        async Task RefusedAsync(long target, long? from, DownloadFormat format, string message, int status = 200)
        {
            var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => server.CreateDownloadAsync(target, from, format));
            Assert.Equal((message, status), (refused.Message, refused.HttpStatus));
        }
    }

    [Fact]
    public async Task BUG_14_nobody_gets_at_anothers_snapshot_through_an_increment()
    {
        await using var server = await RunningServer.StartAsync();
        var joe = await server.AddUserAsync("joe");
        var mine = await server.AddSnapshotAsync(await server.AddDatasetAsync("101", joe), "2026-06-13T23:00:01");
        var theirs = await server.AddSnapshotAsync(await server.AddDatasetAsync("102"), "2026-06-12T23:00:01");

        var refused = await Assert.ThrowsAsync<ActionRefusedException>(
            () => server.CreateDownloadAsync(mine, theirs, DownloadFormat.IncrementalStream, ownedBy: joe));
        Assert.Equal(404, refused.HttpStatus);
    }

    private static async Task FinishAsync(RunningServer server, StartedChain<SnapshotDownload> started)
    {
        server.Node.SucceedDownload(await server.Node.NextAsync(Cancel), 1 << 20);
        await server.WaitForAsync(started.ChainId, ChainState.Done);
    }
}
