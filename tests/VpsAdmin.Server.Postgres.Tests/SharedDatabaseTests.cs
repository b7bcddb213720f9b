using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Postgres.Tests;

/// <summary>What one server begins, another goes on with.</summary>
public sealed class SharedDatabaseTests : TwoServers
{
    [Fact]
    public async Task A_chain_that_is_built_at_one_is_run_by_the_other_and_followed_at_both()
    {
        var (_, chain) = await Second.StartChainAsync("101", transactions: 2);
        for (var number = 0; number < 2; number++)
            First.Node.Succeed(await First.Node.NextAsync(Cancel));
        await Second.WaitForAsync(chain, ChainState.Done);
        await First.WaitForAsync(chain, ChainState.Done);
        Assert.True(First.Node.IsIdle);
    }

    [Fact]
    public async Task A_chain_that_is_called_off_at_one_is_undone_by_the_other()
    {
        var snapshot = await First.AddSnapshotAsync(await First.AddDatasetOnNodeAsync("101"), "2026-06-13T23:00:01");
        var (_, chain) = await First.CreateDownloadAsync(snapshot);
        var work = await First.Node.NextAsync(Cancel);
        await Second.Services.GetRequiredService<ChainEngine>().CancelAsync(chain);
        var undo = await First.Node.NextAsync(Cancel);
        Assert.Equal((work.Id, true), (undo.Id, undo.Rollback));
        First.Node.Succeed(undo);
        await Second.WaitForAsync(chain, ChainState.Failed);
    }

    [Fact]
    public async Task A_chain_that_an_administrators_command_has_ended_is_followed_at_both()
    {
        var (_, chain) = await Second.StartChainAsync("101", transactions: 1);
        var work = await First.Node.NextAsync(Cancel);
        var node = await First.QueryAsync(db => db.Transactions.Where(t => t.Id == work.Id).Select(static t => t.NodeId).SingleAsync(Cancel));
        var followed = Task.WhenAll(First.WaitForAsync(chain, ChainState.Resolved), Second.WaitForAsync(chain, ChainState.Resolved));
        // A process of its own: the servers have only the database to hear of it.
        await First.QueryAsync(db => new ChainResolution(db, new ChainSignals(), TimeProvider.System).AbandonAsync(chain, node, Cancel));
        await followed;
    }

    [Fact]
    public async Task Whoever_is_left_takes_over_what_is_under_way_and_no_step_counts_twice()
    {
        var (_, chain) = await Second.StartChainAsync("101", transactions: 2);
        var first = await First.Node.NextAsync(Cancel);
        await First.StopAsync();

        var again = await Second.Node.NextAsync(Cancel);
        Assert.Equal((first.Id, first.Nonce, false), (again.Id, again.Nonce, again.Rollback));
        Second.Node.Succeed(again);
        Second.Node.Succeed(first);
        // The one that stopped has also told the other to look at all chains, and what is handed out again meanwhile is the same work.
        var second = await Second.Node.NextAsync(Cancel);
        while (second.Id == first.Id)
            second = await Second.Node.NextAsync(Cancel);
        Second.Node.Succeed(second);
        await Second.WaitForAsync(chain, ChainState.Done);
        var steps = await Second.QueryAsync(db => db.Transactions.Where(t => t.ChainId == chain).OrderBy(static t => t.Position).Select(static t => new { t.Id, t.State }).ToListAsync(Cancel));
        Assert.Equal([(first.Id, StepState.Done), (second.Id, StepState.Done)], steps.Select(static s => (s.Id, s.State)));
    }

    [Fact]
    public async Task What_a_server_took_in_that_does_not_run_chains_any_more_is_gone_on_with_by_the_one_that_does()
    {
        // One that was cut off, and does not know yet that another runs chains now.
        var (signals, cutOff) = (new ChainSignals(), new ScriptedNode());
        using var third = new ChainEngine(First.Services.GetRequiredService<IServiceScopeFactory>(), cutOff, signals, TimeProvider.System, NullLogger<ChainEngine>.Instance);
        await third.StartAsync(Cancel);
        var node = await First.QueryAsync(static db => db.Nodes.Where(static n => n.DomainName == Steps.NodeName).Select(static n => n.Id).SingleAsync(Cancel));
        var started = await First.UseAsync<IHttpContextAccessor, StartedChain<bool>>((requests, db) => new ChainStarter(db, signals, TimeProvider.System, requests).StartAsync(new("test", "Test"), 1, chain =>
        {
            chain.Append(node, TransactionType.CreateDataset, new JsonObject());
            return Task.FromResult(true);
        }, Cancel));
        await cutOff.NextAsync(Cancel);
        Assert.True(First.Node.IsIdle);

        await third.StopAsync(Cancel);
        First.Node.Succeed(await First.Node.NextAsync(Cancel));
        await First.WaitForAsync(started.ChainId, ChainState.Done);
    }

    [Fact]
    public async Task Two_that_want_the_same_row_at_once_get_it_one_after_the_other_or_are_told_who_has_it()
    {
        var dataset = await First.AddDatasetOnNodeAsync("101");
        RunningServer[] servers = [First, Second];
        var attempts = await Task.WhenAll(Enumerable.Range(0, 12).Select(async number =>
        {
            try
            {
                return (long?)(await servers[number % 2].StartChainAsync(dataset)).ChainId;
            }
            catch (Api.ActionRefusedException e)
            {
                Assert.Equal(423, e.HttpStatus);
                return null;
            }
        }));
        Assert.Single(attempts, static a => a is not null);
        Assert.Equal(1, await First.QueryAsync(static db => db.ResourceLocks.CountAsync(l => l.Resource == nameof(Dataset))));
    }

    [Fact]
    public async Task A_server_with_a_node_inside_does_not_run_beside_others()
    {
        await using var data = new TemporaryData();
        var refused = await Assert.ThrowsAsync<SetupException>(() => data.StartAsync(First, "tank/vps"));
        Assert.StartsWith("--pool: another server runs on this database", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_one_administrator_one_identity_and_one_node_of_the_servers()
    {
        Assert.Equal(1, await Second.QueryAsync(static db => db.Users.CountAsync()));
        Assert.Equal(1, await Second.QueryAsync(static db => db.Identity.CountAsync()));
        Assert.Equal(1, await Second.QueryAsync(static db => db.Nodes.CountAsync(static n => n.DomainName == Installation.ServersName)));
    }
}
