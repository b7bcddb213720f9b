using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Snapshots;

/// <summary>Rollback over HTTP; the node is the test's.</summary>
public sealed class RollbackTests : AdministratorTests
{
    private readonly List<long> _snapshots = [];
    private long _dataset;

    protected override async Task PrepareAsync()
    {
        _dataset = await Server.AddDatasetAsync("101");
        for (var day = 1; day <= 5; day++)
            _snapshots.Add(await Server.AddSnapshotAsync(_dataset, $"2026-06-0{day}T01:00:00"));
    }

    [Fact]
    public async Task Without_backups_newer_snapshots_go_and_the_history_stays()
    {
        var chain = await RollBackAsync(3);
        var work = await Server.Node.NextAsync(Cancel);
        var input = work.Input.Deserialize(NodeJson.Default.RollbackDatasetInput)!;
        Assert.Equal((TransactionType.RollbackDataset, "tank/vps", "101", "2026-06-03T01:00:00"), (work.Type, input.Filesystem, input.Dataset, input.Snapshot));
        Assert.Equal(["2026-06-04T01:00:00", "2026-06-05T01:00:00"], input.Newer);
        Server.Node.Succeed(work);
        await Server.WaitForAsync(chain, ChainState.Done);

        Assert.Equal([(1L, 0), (2L, 0), (3L, 0)], await HistoriesAsync());
        Assert.Equal(0, await CurrentAsync());
    }

    [Fact]
    public async Task A_rollback_that_fails_changes_nothing()
    {
        var chain = await RollBackAsync(3);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Failed);

        Assert.Equal(5, (await HistoriesAsync()).Count);
        Assert.Equal(0, await Server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
        Assert.True(await Server.QueryAsync(db => db.SnapshotInPools.AllAsync(static c => c.Confirmed == Confirmed.Yes, Cancel)));
    }

    [Fact]
    public async Task V21_with_a_backup_the_older_part_moves_to_a_new_branch_and_a_new_history()
    {
        var pool = await Server.AddBackupPoolAsync();
        var old = await Server.AddBackupAsync(_dataset, pool, [.. _snapshots]);

        var chain = await RollBackAsync(3);
        var work = await Server.Node.NextAsync(Cancel);
        var input = work.Input.Deserialize(NodeJson.Default.BranchDatasetInput)!;
        Assert.Equal(
            (TransactionType.BranchDataset, new BranchDatasetInput("backup/vps", "101/tree.0", "branch-2026-06-01T01:00:00.0", "branch-2026-06-03T01:00:00.0", "2026-06-03T01:00:00")),
            (work.Type, input));
        Server.Node.Succeed(work);
        await SucceedAsync(TransactionType.RollbackDataset);
        await Server.WaitForAsync(chain, ChainState.Done);

        Assert.Equal([(1L, 1), (2L, 1), (3L, 1), (4L, 0), (5L, 0)], await HistoriesAsync());
        Assert.Equal(1, await CurrentAsync());
        var branches = await BranchesAsync();
        Assert.Equal(["4 5", "1 2 3 head"], branches);
        var third = await Server.QueryAsync(db => db.SnapshotInBranches.Include(static s => s.SnapshotInPool).SingleAsync(s => s.SnapshotInPool.SnapshotId == _snapshots[2], Cancel));
        Assert.Equal(2, third.SnapshotInPool.ReferenceCount);
        Assert.Equal(2, await Server.QueryAsync(db => db.SnapshotInBranches.CountAsync(s => s.OriginId == third.Id && s.BranchId == old, Cancel)));
    }

    [Fact]
    public async Task Branching_that_fails_leaves_all_as_it_was_and_nothing_is_rolled_back()
    {
        await Server.AddBackupAsync(_dataset, await Server.AddBackupPoolAsync(), [.. _snapshots]);
        var chain = await RollBackAsync(3);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        await UndoAsync(TransactionType.BranchDataset);
        await Server.WaitForAsync(chain, ChainState.Failed);

        Assert.Equal(["1 2 3 4 5 head"], await BranchesAsync());
        Assert.Equal([(1L, 0), (2L, 0), (3L, 0), (4L, 0), (5L, 0)], await HistoriesAsync());
        Assert.Equal(0, await CurrentAsync());
        Assert.Equal(["tank/vps 1 2 3 4 5", "backup/vps 1 2 3 4 5"], await CopiesAsync());
    }

    [Fact]
    public async Task Backups_of_a_rollback_are_taken_back_only_while_it_has_destroyed_nothing()
    {
        await Server.AddBackupAsync(_dataset, await Server.AddBackupPoolAsync(), _snapshots[0], _snapshots[1]);
        var early = await RollBackAsync(1);
        await SucceedAsync(TransactionType.LocalSend);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        await UndoAsync(TransactionType.BranchDataset);
        await UndoAsync(TransactionType.LocalSend);
        await Server.WaitForAsync(early, ChainState.Failed);
        Assert.Equal(["tank/vps 1 2 3 4 5", "backup/vps 1 2"], await CopiesAsync());

        // zfs rollback -r destroys one snapshot after another, and may fail in between.
        var late = await RollBackAsync(1);
        await SucceedAsync(TransactionType.LocalSend);
        await SucceedAsync(TransactionType.BranchDataset);
        var rollback = await Server.Node.NextAsync(Cancel);
        Assert.Equal(TransactionType.RollbackDataset, rollback.Type);
        Server.Node.Fail(rollback);
        await UndoAsync(TransactionType.BranchDataset);
        await Server.WaitForAsync(late, ChainState.Failed);

        Assert.True(Server.Node.IsIdle);
        Assert.Equal(["tank/vps 1 2 3 4 5", "backup/vps 1 2 3 4 5"], await CopiesAsync());
        Assert.Equal(["1 2 3 4 5 head"], await BranchesAsync());
        Assert.True(await Server.QueryAsync(db => db.SnapshotInBranches.AllAsync(static b => b.Confirmed == Confirmed.Yes, Cancel)));
        Assert.Equal(0, await Server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
        // It can be done again.
        await FinishAsync(await RollBackAsync(1), 2);
        Assert.Equal(["tank/vps 1", "backup/vps 1 2 3 4 5"], await CopiesAsync());
        Assert.Equal(["2 3 4 5", "1 head"], await BranchesAsync());
    }

    [Fact]
    public async Task What_no_backup_has_yet_is_backed_up_first()
    {
        await Server.AddBackupAsync(_dataset, await Server.AddBackupPoolAsync(), _snapshots[0], _snapshots[1]);
        var chain = await RollBackAsync(1);
        var send = await Server.Node.NextAsync(Cancel);
        var input = send.Input.Deserialize(NodeJson.Default.LocalSendInput)!;
        Assert.Equal("2026-06-02T01:00:00", input.FromSnapshot);
        Assert.Equal(["2026-06-03T01:00:00", "2026-06-04T01:00:00", "2026-06-05T01:00:00"], input.Snapshots);
        for (var transaction = 0; transaction < 3; transaction++)
            Server.Node.Succeed(transaction == 0 ? send : await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Done);

        Assert.Equal([(1L, 1), (2L, 0), (3L, 0), (4L, 0), (5L, 0)], await HistoriesAsync());
        Assert.Equal(["2 3 4 5", "1 head"], await BranchesAsync());
    }

    [Fact]
    public async Task What_a_rollback_has_destroyed_before_it_failed_is_nowhere_said_to_be_there()
    {
        await Server.AddBackupAsync(_dataset, await Server.AddBackupPoolAsync(), [.. _snapshots]);
        var chain = await RollBackAsync(2);
        await SucceedAsync(TransactionType.BranchDataset);
        var left = JsonSerializer.SerializeToNode(new SnapshotsLeft(["2026-06-01T01:00:00", "2026-06-02T01:00:00", "2026-06-03T01:00:00"]), NodeJson.Default.SnapshotsLeft);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel), "I/O error", left);
        await UndoAsync(TransactionType.BranchDataset);
        await Server.WaitForAsync(chain, ChainState.Failed);

        Assert.Equal(["tank/vps 1 2 3", "backup/vps 1 2 3 4 5"], await CopiesAsync());
        Assert.Equal([(1L, 0), (2L, 0), (3L, 0), (4L, 0), (5L, 0)], await HistoriesAsync());
    }

    [Fact]
    public async Task BUG_30_back_to_the_tip_of_a_branch_that_was_left_begins_a_new_history()
    {
        await Server.AddBackupAsync(_dataset, await Server.AddBackupPoolAsync(), [.. _snapshots]);
        await FinishAsync(await RollBackAsync(3), 2);

        await FinishAsync(await RollBackAsync(5), 2);
        Assert.Equal(2, await CurrentAsync());
        Assert.Equal([(1L, 1), (2L, 1), (3L, 1), (4L, 2), (5L, 2)], await HistoriesAsync());
        Assert.Equal(["4 5 head", "1 2 3"], await BranchesAsync());
    }

    [Fact]
    public async Task A_snapshot_in_use_stops_it()
    {
        await Server.QueryAsync(async db =>
        {
            (await db.SnapshotInPools.SingleAsync(c => c.SnapshotId == _snapshots[4], Cancel)).ReferenceCount = 1;
            return await db.SaveChangesAsync(Cancel);
        });
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => RollBackAsync(3));
        Assert.Equal("snapshot '2026-06-05T01:00:00' is in use", refused.ServerMessage);
        Assert.True(Server.Node.IsIdle);
    }

    [Fact]
    public async Task While_a_snapshot_is_exported_it_is_locked()
    {
        var (_, export) = await Server.CreateDownloadAsync(_snapshots[4]);
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => RollBackAsync(3));
        Assert.Equal(((HttpStatusCode)423, $"Resource is locked by transaction chain {export} (Download). Try again later."), (refused.HttpStatus, refused.ServerMessage));
    }

    [Fact]
    public async Task Anothers_snapshot_is_not_there()
    {
        await Server.AddUserAsync("joe");
        using var joe = await Server.ConnectAsync("joe", "joe-password");
        var refused = await Assert.ThrowsAsync<ActionFailedException>(
            () => joe.CallAsync("dataset.snapshot#rollback", [_dataset, _snapshots[0]], null, null, Cancel));
        Assert.True(refused.IsNotFound);
    }

    private async Task SucceedAsync(TransactionType type)
    {
        var work = await Server.Node.NextAsync(Cancel);
        Assert.Equal((type, false), (work.Type, work.Rollback));
        Server.Node.Succeed(work);
    }

    private async Task UndoAsync(TransactionType type)
    {
        var undo = await Server.Node.NextAsync(Cancel);
        Assert.Equal((type, true), (undo.Type, undo.Rollback));
        Server.Node.Succeed(undo);
    }

    /// <summary>Which snapshots are on which pool.</summary>
    private Task<List<string>> CopiesAsync() => Server.QueryAsync(async db =>
        (await db.SnapshotInPools.Where(static c => c.Confirmed == Confirmed.Yes).Include(static c => c.DatasetInPool).ThenInclude(static i => i.Pool).ToListAsync(Cancel))
        .GroupBy(static c => c.DatasetInPool.Pool).OrderBy(static pool => pool.Key.Id)
        .Select(pool => $"{pool.Key.Filesystem} {string.Join(' ', pool.Select(c => _snapshots.IndexOf(c.SnapshotId) + 1).Order())}").ToList());

    private async Task<long> RollBackAsync(int number) =>
        (await Api.CallAsync("dataset.snapshot#rollback", [_dataset, _snapshots[number - 1]], null, null, Cancel)).ActionStateId!.Value;

    private async Task FinishAsync(long chain, int transactions)
    {
        for (var i = 0; i < transactions; i++)
            Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Done);
    }

    private async Task<List<(long Number, int History)>> HistoriesAsync() => await Server.QueryAsync(async db =>
        (await db.Snapshots.OrderBy(static s => s.Id).ToListAsync(Cancel)).ConvertAll(s => ((long)_snapshots.IndexOf(s.Id) + 1, s.HistoryId)));

    private Task<int> CurrentAsync() => Server.QueryAsync(async db => (await db.Datasets.SingleAsync(Cancel)).CurrentHistoryId);

    private async Task<List<string>> BranchesAsync() => await Server.QueryAsync(async db =>
        (await db.Branches.Include(static b => b.Tree).Include(static b => b.Snapshots).ThenInclude(static s => s.SnapshotInPool).OrderBy(static b => b.Id).ToListAsync(Cancel))
        .ConvertAll(b => string.Join(' ', b.Snapshots.Select(s => _snapshots.IndexOf(s.SnapshotInPool.SnapshotId) + 1).Order()) + (b is { IsHead: true, Tree.IsHead: true } ? " head" : "")));
}
