using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Chains;

public sealed class ChainMovesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_saved_though_the_database_could_not_say_so_is_handed_out_all_the_same()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await StartAsync(server);
        var first = await server.Node.NextAsync(Cancel);

        var lost = new LostAnswer();
        await using var services = Watched(server, lost);
        using var moves = new ChainMoves(services.GetRequiredService<IServiceScopeFactory>(), new ChainSignals(), TimeProvider.System, NullLogger.Instance);
        var ended = new TransactionFinished(first.Id, Success: true, Output: null, Error: null);
        var next = await moves.SaveAsync(chain.ChainId, row => ReportedEnd.Apply(row, ended, NullLogger.Instance), dispatches: true, Cancel);

        Assert.True(lost.Happened);
        Assert.NotNull(next);
        Assert.NotEqual(first.Id, next.Message.Id);
        server.Node.Succeed(next.Message);
        await server.WaitForAsync(chain.ChainId, ChainState.Done);
    }

    [Fact]
    public async Task A_chain_that_was_called_off_though_the_database_could_not_say_so_goes_back()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await StartAsync(server);
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        var second = await server.Node.NextAsync(Cancel);

        var lost = new LostAnswer();
        await using var services = Watched(server, lost);
        using var other = new ChainEngine(services.GetRequiredService<IServiceScopeFactory>(), new InProcessBus(), server.Services.GetRequiredService<ChainSignals>(), TimeProvider.System, NullLogger<ChainEngine>.Instance);
        await other.CancelAsync(chain.ChainId);

        Assert.True(lost.Happened);
        var undo = await server.Node.NextAsync(Cancel);
        Assert.Equal((second.Id, true), (undo.Id, undo.Rollback));
    }

    [Fact]
    public async Task What_an_ending_chain_has_started_is_handed_out_though_the_database_could_not_say_that_it_was_saved()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await StartAsync(server);
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        var last = await server.Node.NextAsync(Cancel);

        var lost = new LostAnswer();
        await using var services = Watched(server, lost);
        using var moves = new ChainMoves(services.GetRequiredService<IServiceScopeFactory>(), server.Services.GetRequiredService<ChainSignals>(), TimeProvider.System, NullLogger.Instance);
        var ended = new TransactionFinished(last.Id, Success: true, Output: null, Error: null);
        await moves.SaveAsync(chain.ChainId, row => ReportedEnd.Apply(row, ended, NullLogger.Instance), dispatches: true, Cancel);

        Assert.True(lost.Happened);
        Assert.Equal(TransactionType.DestroyDataset, (await server.Node.NextAsync(Cancel)).Type);
    }

    private static Task<StartedChain<bool>> StartAsync(RunningServer server) => server.UseAsync<ChainStarter, StartedChain<bool>>((starter, _) => starter.StartAsync(new("test", "Test"), 1, chain =>
    {
        chain.Append(1, TransactionType.CreateDataset, new JsonObject());
        chain.Append(1, TransactionType.LocalSend, new JsonObject());
        return Task.FromResult(true);
    }, Cancel));

    private static ServiceProvider Watched(RunningServer server, IInterceptor interceptor) => new ServiceCollection().AddScoped(_ =>
    {
        using var scope = server.Services.CreateScope();
        return TestDatabase.Watched(scope.ServiceProvider.GetRequiredService<VpsAdminDb>(), interceptor);
    }).AddScoped<IChainEnd, Follower>().BuildServiceProvider();

    /// <summary>Starts another chain behind each of the tests.</summary>
    private sealed class Follower : IChainEnd
    {
        public Task EndingAsync(VpsAdminDb db, ChainEnding ending, CancellationToken cancel) => ending.Chain.Name is not "test" ? Task.CompletedTask : ending.StartAsync(new("follows", "Follows"), 1, chain =>
        {
            chain.Append(1, TransactionType.DestroyDataset, new JsonObject());
            return Task.CompletedTask;
        }, cancel);
    }

    /// <summary>The first database transaction is committed, and then the connection breaks.</summary>
    private sealed class LostAnswer : DbTransactionInterceptor
    {
        public bool Happened { get; private set; }

        public override Task TransactionCommittedAsync(System.Data.Common.DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (Happened)
                return Task.CompletedTask;
            Happened = true;
            throw new SqliteException("database is locked", 5);
        }
    }
}
