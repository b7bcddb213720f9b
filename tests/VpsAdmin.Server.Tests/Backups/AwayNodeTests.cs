using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Backups;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Backups;

/// <summary>A backup whose pool's node does not answer.</summary>
public sealed class AwayNodeTests : AdministratorTests
{
    private long _dataset;
    private long _node;
    private long _pool;

    protected override async Task PrepareAsync()
    {
        _dataset = await Server.AddDatasetAsync("101");
        await Server.AddSnapshotAsync(_dataset, "2026-06-01T01:00:00");
        (_node, _pool) = await Server.QueryAsync(async db =>
        {
            var node = new Data.Node { Name = "vault", DomainName = "vault.example.org", Location = await db.Locations.FirstAsync(Cancel), StreamAddress = "vault.example.org:4569", Role = PoolRole.Backup };
            var pool = new Pool { Node = node, Label = "vault", Filesystem = "backup/vps", Role = PoolRole.Backup };
            db.Pools.Add(pool);
            await db.SaveChangesAsync(Cancel);
            return (node.Id, pool.Id);
        });
    }

    [Fact]
    public async Task No_backup_is_begun_and_the_dataset_stays_free()
    {
        Assert.Null(await BackUpAsync(new Nodes(_node)));
        Assert.Equal((0, 0, 1), await Server.QueryAsync(async db => (await db.ResourceLocks.CountAsync(Cancel), await db.TransactionChains.CountAsync(Cancel), await db.DatasetInPools.CountAsync(Cancel))));
        Assert.NotNull(await BackUpAsync(new Nodes(away: 0)));
    }

    [Fact]
    public async Task A_backup_that_waits_is_called_off()
    {
        var chain = await BackUpAsync(new Nodes(away: 0));
        Assert.Equal(TransactionType.ReceiveSnapshots, (await Server.Node.NextAsync(Cancel)).Type);
        await Api.CallAsync("action_state#cancel", [chain!.Value], null, null, Cancel);
        var undo = await Server.Node.NextAsync(Cancel);
        Assert.Equal((TransactionType.ReceiveSnapshots, true), (undo.Type, undo.Rollback));
        // The node may have begun: nobody else works on the dataset until it has undone that.
        Assert.NotEqual(0, await Server.QueryAsync(db => db.ResourceLocks.CountAsync(l => l.ChainId == chain, Cancel)));
        await Assert.ThrowsAsync<ActionRefusedException>(() => BackUpAsync(new Nodes(away: 0)));
        Server.Node.Succeed(undo);
        await Server.WaitForAsync(chain.Value, ChainState.Failed);
        await RequireNothingLeftAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_administrator_ends_a_chain_whose_node_is_gone_and_what_that_node_tells_later_changes_nothing(bool called)
    {
        var chain = (await BackUpAsync(new Nodes(away: 0)))!.Value;
        var work = await Server.Node.NextAsync(Cancel);
        if (called)
        {
            await Api.CallAsync("action_state#cancel", [chain], null, null, Cancel);
            work = await Server.Node.NextAsync(Cancel);
        }
        var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => AbandonAsync(chain, Server.Installation.NodeId));
        Assert.Equal("this transaction chain does not wait for that node", refused.Message);
        var followed = Server.WaitForAsync(chain, ChainState.Resolved);
        await AbandonAsync(chain, _node);
        await followed;
        await RequireNothingLeftAsync();
        var ended = await Server.QueryAsync(db => db.Transactions.Where(t => t.Id == work.Id).Select(static t => new { t.StartedAt, t.FinishedAt, t.Chain.UpdatedAt, t.Chain.Progress }).SingleAsync(Cancel));
        Assert.InRange(ended.FinishedAt!.Value, ended.StartedAt!.Value, ended.UpdatedAt);
        Assert.Equal(0, ended.Progress);

        await Server.Node.ReportAsync(new TransactionFinished(work.Id, Success: true, Output: null, Error: null) { Rollback = work.Rollback, Nonce = work.Nonce });
        await Server.Node.ReportAsync(new TransferProgressed(work.Id, 4711));
        Assert.True(Server.Node.IsIdle);
        var steps = await Server.QueryAsync(db => db.Transactions.OrderBy(static t => t.Position).Select(static t => t.State).ToListAsync(Cancel));
        Assert.Equal([called ? StepState.UndoFailed : StepState.Failed, StepState.Waiting, StepState.Waiting], steps);
        Assert.Equal(ChainState.Resolved, await StateAsync(chain));
        await RequireNothingLeftAsync();
        // And is not asked again by the next server.
        await Server.RestartAsync();
        Assert.NotNull(await BackUpAsync(new Nodes(away: 0)));
        Assert.NotEqual(work.Id, (await Server.Node.NextAsync(Cancel)).Id);
    }

    private async Task RequireNothingLeftAsync() => Assert.Equal((0, 0, 1), await Server.QueryAsync(async db => (
        await db.ResourceLocks.CountAsync(Cancel), await db.DatasetTrees.CountAsync(Cancel), await db.SnapshotInPools.CountAsync(Cancel))));

    private Task<ChainState> StateAsync(long chain) => Server.QueryAsync(db => db.TransactionChains.Where(c => c.Id == chain).Select(static c => c.State).SingleAsync(Cancel));

    private Task<TransactionChain> AbandonAsync(long chain, long node) => Server.UseAsync<ChainResolution, TransactionChain>((ends, _) => ends.AbandonAsync(chain, node, Cancel));

    private async Task<long?> BackUpAsync(INodesThere nodes)
    {
        await using var scope = Server.Services.CreateAsyncScope();
        return await ActivatorUtilities.CreateInstance<DatasetBackup>(scope.ServiceProvider, nodes).StartAsync(_dataset, _pool, 1, Cancel);
    }

    private sealed class Nodes(long away) : INodesThere
    {
        public Task<bool> IsThereAsync(long nodeId, CancellationToken cancel) => Task.FromResult(nodeId != away);
    }
}
