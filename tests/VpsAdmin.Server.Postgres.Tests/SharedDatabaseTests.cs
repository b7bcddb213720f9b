using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Postgres.Tests;

/// <summary>Two servers without nodes inside, on one database and the same nodes. The first runs chains.</summary>
public sealed class SharedDatabaseTests : IAsyncLifetime
{
    private RunningServer _first = null!;
    private RunningServer _second = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await RunningServer.StartAsync(configure: static options => options with { Pool = null });
        await _first.AddNodeAsync();
        _second = await _first.StartAnotherAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_second is not null)
            await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    [Fact]
    public async Task A_chain_that_is_built_at_one_is_run_by_the_other_and_followed_at_both()
    {
        var (_, chain) = await _second.StartChainAsync("101", transactions: 2);
        for (var number = 0; number < 2; number++)
            _first.Node.Succeed(await _first.Node.NextAsync(Cancel));
        await _second.WaitForAsync(chain, ChainState.Done);
        await _first.WaitForAsync(chain, ChainState.Done);
        Assert.True(_first.Node.IsIdle);
    }

    [Fact]
    public async Task A_chain_that_is_called_off_at_one_is_undone_by_the_other()
    {
        var snapshot = await _first.AddSnapshotAsync(await _first.AddDatasetOnNodeAsync("101"), "2026-06-13T23:00:01");
        var (_, chain) = await _first.CreateDownloadAsync(snapshot);
        var work = await _first.Node.NextAsync(Cancel);
        await _second.Services.GetRequiredService<ChainEngine>().CancelAsync(chain);
        var undo = await _first.Node.NextAsync(Cancel);
        Assert.Equal((work.Id, true), (undo.Id, undo.Rollback));
        _first.Node.Succeed(undo);
        await _second.WaitForAsync(chain, ChainState.Failed);
    }

    [Fact]
    public async Task Whoever_is_left_takes_over_what_is_under_way_and_no_step_counts_twice()
    {
        var (_, chain) = await _second.StartChainAsync("101", transactions: 2);
        var first = await _first.Node.NextAsync(Cancel);
        await _first.StopAsync();

        var again = await _second.Node.NextAsync(Cancel);
        Assert.Equal((first.Id, first.Nonce, false), (again.Id, again.Nonce, again.Rollback));
        _second.Node.Succeed(again);
        _second.Node.Succeed(first);
        var second = await _second.Node.NextAsync(Cancel);
        Assert.NotEqual(first.Id, second.Id);
        _second.Node.Succeed(second);
        await _second.WaitForAsync(chain, ChainState.Done);
        Assert.True(_second.Node.IsIdle);
    }

    [Fact]
    public async Task Two_that_want_the_same_row_at_once_get_it_one_after_the_other_or_are_told_who_has_it()
    {
        var dataset = await _first.AddDatasetOnNodeAsync("101");
        RunningServer[] servers = [_first, _second];
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
        Assert.Equal(1, await _first.QueryAsync(static db => db.ResourceLocks.CountAsync(l => l.Resource == nameof(Dataset))));
    }

    [Fact]
    public async Task A_server_with_a_node_inside_does_not_run_beside_others()
    {
        await using var data = new TemporaryData();
        var refused = await Assert.ThrowsAsync<SetupException>(() => data.StartAsync(_first, "tank/vps"));
        Assert.StartsWith("--pool: another server runs on this database", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_one_administrator_one_identity_and_one_node_of_the_servers()
    {
        Assert.Equal(1, await _second.QueryAsync(static db => db.Users.CountAsync()));
        Assert.Equal(1, await _second.QueryAsync(static db => db.Identity.CountAsync()));
        Assert.Equal(1, await _second.QueryAsync(static db => db.Nodes.CountAsync(static n => n.DomainName == Installation.ServersName)));
    }
}
