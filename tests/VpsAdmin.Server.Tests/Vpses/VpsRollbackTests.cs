using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>What happens to a VPS whose dataset is rolled back, over HTTP; the node is the test's.</summary>
public sealed class VpsRollbackTests : AdministratorTests
{
    protected override Task PrepareAsync() => Server.LetVpsesRunAsync();

    [Fact]
    public async Task A_vps_stands_still_while_its_dataset_is_rolled_back()
    {
        var id = await Server.AddVpsAsync();
        var dataset = (await Server.VpsAsync(id)).DatasetId!.Value;
        var snapshot = await Server.AddSnapshotAsync(dataset, "2016-06-14T10:00:00");
        var chain = (await Api.CallAsync("dataset.snapshot#rollback", [dataset, snapshot], null, null, Cancel)).ActionStateId!.Value;
        foreach (var type in new[] { TransactionType.StopVps, TransactionType.RollbackDataset, TransactionType.StartVps })
        {
            var work = await Server.Node.NextAsync(Cancel);
            Assert.Equal((type, false), (work.Type, work.Rollback));
            Server.Node.Succeed(work);
        }
        await Server.WaitForAsync(chain, ChainState.Done);
        Assert.True((await Server.VpsAsync(id)).IsRunning);
    }

    [Fact]
    public async Task A_vps_runs_until_all_is_backed_up_and_runs_again_when_its_rollback_fails()
    {
        var (id, newer, chain) = await RollBackAsync();
        foreach (var type in new[] { TransactionType.LocalSend, TransactionType.BranchDataset, TransactionType.StopVps })
        {
            var work = await Server.Node.NextAsync(Cancel);
            Assert.Equal((type, false), (work.Type, work.Rollback));
            Server.Node.Succeed(work);
        }
        Server.Node.Fail(await Server.Node.NextAsync(Cancel), "dataset is busy");
        foreach (var type in new[] { TransactionType.StopVps, TransactionType.BranchDataset })
        {
            var undo = await Server.Node.NextAsync(Cancel);
            Assert.Equal((type, true), (undo.Type, undo.Rollback));
            Server.Node.Succeed(undo);
        }

        await Server.WaitForAsync(chain, ChainState.Failed);
        Assert.True(Server.Node.IsIdle);
        Assert.True((await Server.VpsAsync(id)).IsRunning);
        // What zfs may have destroyed before it failed is in the backup.
        Assert.Equal(2, await Server.QueryAsync(db => db.SnapshotInPools.CountAsync(c => c.SnapshotId == newer && c.Confirmed == Confirmed.Yes)));
    }

    [Fact]
    public async Task A_vps_that_does_not_start_after_a_rollback_undoes_nothing_of_it()
    {
        var (id, newer, chain) = await RollBackAsync();
        TransactionMessage work;
        while ((work = await Server.Node.NextAsync(Cancel)).Type is not TransactionType.StartVps)
            Server.Node.Succeed(work);
        Server.Node.Fail(work);

        await Server.WaitForAsync(chain, ChainState.Done);
        Assert.True(Server.Node.IsIdle);
        Assert.False((await Server.VpsAsync(id)).IsRunning);
        // It is in the backup, which it was sent to before it was destroyed here.
        Assert.True(await Server.QueryAsync(db => db.SnapshotInPools.AnyAsync(c => c.SnapshotId == newer && c.Confirmed == Confirmed.Yes)));
    }

    /// <summary>Of a VPS with two snapshots to the first, which alone is in the backup.</summary>
    private async Task<(long Vps, long Newer, long Chain)> RollBackAsync()
    {
        var id = await Server.AddVpsAsync();
        var dataset = (await Server.VpsAsync(id)).DatasetId!.Value;
        var snapshot = await Server.AddSnapshotAsync(dataset, "2016-06-14T10:00:00");
        var newer = await Server.AddSnapshotAsync(dataset, "2016-06-14T11:00:00");
        await Server.AddBackupAsync(dataset, await Server.AddBackupPoolAsync(), snapshot);
        var chain = (await Api.CallAsync("dataset.snapshot#rollback", [dataset, snapshot], null, null, Cancel)).ActionStateId!.Value;
        return (id, newer, chain);
    }
}
