using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Chains;

/// <summary>The database or the way to a node fails: no other chain has to wait for it, and nothing is lost.</summary>
public sealed class ChainTroubleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chain_whose_end_cannot_be_saved_stays_locked_and_holds_up_no_other()
    {
        await using var server = await RunningServer.StartAsync();
        var dataset = await server.AddDatasetAsync("101");
        const long nobody = 4711;
        var broken = await server.UseAsync<ChainStarter, StartedChain<long>>((chains, _) => chains.StartAsync(new("edit", "Edit"), 1, async builder =>
        {
            await builder.LockAsync<Dataset>(dataset, Cancel);
            builder.Append(1, TransactionType.CreateDataset, new JsonObject()).EditAfter<Dataset>(dataset, (nameof(Dataset.UserId), nobody));
            return dataset;
        }, Cancel));
        server.Node.Succeed(await server.Node.NextAsync(Cancel));

        var other = await SteppedChain.StartAsync(server, 1, "102");
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(other, ChainState.Done);
        Assert.Equal((ChainState.Queued, 0, 1), await SteppedChain.ProgressAsync(server, broken.ChainId));
        Assert.Equal(broken.ChainId, (await server.QueryAsync(db => db.ResourceLocks.SingleAsync(Cancel))).ChainId);
    }

    [Fact]
    public async Task Work_whose_handing_out_others_cancel_holds_up_no_other_chain()
    {
        await using var server = await RunningServer.StartAsync();
        var refused = server.Node.Refuse(new OperationCanceledException());
        await SteppedChain.StartAsync(server, 1);
        await refused.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        var other = await SteppedChain.StartAsync(server, 1, "102");
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(other, ChainState.Done);
    }

    [Fact]
    public async Task Work_that_cannot_be_delivered_has_failed_and_the_reason_is_told()
    {
        await using var server = await RunningServer.StartAsync();
        var refused = server.Node.Refuse(new UndeliverableException("larger than the broker takes"));
        var chain = await SteppedChain.StartAsync(server, 1);
        await refused.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        // It may have come to the node after all, for whoever looks: it is undone.
        var undo = await server.Node.NextAsync(Cancel);
        Assert.True(undo.Rollback);
        server.Node.Succeed(undo);
        await server.WaitForAsync(chain, ChainState.Failed);
        Assert.Equal("larger than the broker takes", await server.QueryAsync(db => db.Transactions.Where(t => t.ChainId == chain).Select(static t => t.Error).SingleAsync(Cancel)));
        Assert.Equal(0, await server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Chains_whose_nodes_cannot_be_reached_keep_no_others_waiting()
    {
        const int Many = 40;
        await using var server = await RunningServer.StartAsync();
        var stranded = server.Node.Strand(Many);
        for (var i = 0; i < Many; i++)
            await SteppedChain.StartAsync(server, 1, $"stranded-{i}");
        await stranded.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        var chain = await SteppedChain.StartAsync(server, 1);
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(chain, ChainState.Done);
    }

    [Fact]
    public async Task Chains_that_cannot_be_listed_end_the_engine()
    {
        using var engine = new ChainEngine(new BrokenDatabase(), new ScriptedNode(), new ChainSignals(), TimeProvider.System, NullLogger<ChainEngine>.Instance);
        await engine.StartAsync(Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
    }

    [Fact]
    public async Task A_report_that_was_not_saved_as_another_server_leads_is_left_to_that_one()
    {
        await using var server = await RunningServer.StartAsync();
        await SteppedChain.StartAsync(server, 1);
        var work = await server.Node.NextAsync(Cancel);
        using var term = new CancellationTokenSource();
        var (node, scopes) = (new ScriptedNode(), new LostDatabase(server.Services.GetRequiredService<IServiceScopeFactory>(), term));
        using var engine = new ChainEngine(scopes, node, new ChainSignals(), TimeProvider.System, NullLogger<ChainEngine>.Instance);
        await engine.StartAsync(term.Token);
        var report = new SavedReport(new TransactionFinished(work.Id, Success: true, Output: null, Error: null), scopes.Lose);
        node.Report(report);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        Assert.True(scopes.IsLost);
        Assert.False(report.IsAcknowledged);
    }

    [Fact]
    public void A_transaction_that_stood_still_for_too_long_is_tried_again() =>
        Assert.True(Database.IsTransient(new Npgsql.PostgresException("terminating connection due to idle-in-transaction timeout", "FATAL", "FATAL", "25P03")));

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(10, true)]
    [InlineData(13, true)]
    [InlineData(1, false)]
    [InlineData(11, false)]
    [InlineData(19, false)]
    public void Only_what_can_succeed_later_is_tried_again(int code, bool transient)
    {
        var error = new Microsoft.Data.Sqlite.SqliteException("", code);
        Assert.Equal(transient, Database.IsTransient(error));
        Assert.Equal(transient, Database.IsTransient(new DbUpdateException("", error)));
    }

    /// <summary>The term is over with the connection, and the failure that says so is no cancellation.</summary>
    private sealed class LostDatabase(IServiceScopeFactory inner, CancellationTokenSource term) : IServiceScopeFactory
    {
        public bool IsLost { get; private set; }

        public void Lose() => IsLost = true;

        public IServiceScope CreateScope()
        {
            if (!IsLost)
                return inner.CreateScope();
            term.Cancel();
            throw new ObjectDisposedException("connection");
        }
    }

    private sealed class SavedReport(NodeEvent nodeEvent, Action beforehand) : NodeReport(nodeEvent)
    {
        public bool IsAcknowledged { get; private set; }

        public override async Task DealAsync(Func<NodeEvent, Task> deal, CancellationToken cancel)
        {
            beforehand();
            await deal(Event);
            IsAcknowledged = true;
        }
    }

    private sealed class BrokenDatabase : IServiceScopeFactory
    {
        public IServiceScope CreateScope() => throw new InvalidOperationException("no such table: TransactionChains");
    }
}
