using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Chains;

/// <summary>Chains about many datasets at once: each goes its own way, and what belongs to one comes in its order.</summary>
public sealed class ManyChainsTests : IAsyncLifetime
{
    private const int Datasets = 40;

    private RunningServer _server = null!;
    private long[] _snapshots = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _snapshots = new long[Datasets];
        for (var number = 0; number < Datasets; number++)
            _snapshots[number] = await _server.AddSnapshotAsync(await _server.AddDatasetAsync($"{101 + number}"), "2026-06-13T23:00:01");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Whoever_asks_for_what_is_being_done_is_refused_and_all_come_to_their_end()
    {
        var handedOut = AnswerAsync(Datasets, work =>
        {
            // Its node tells it twice, as one does that has not heard that it was heard.
            _server.Node.SucceedDownload(work, 1 << 20);
            _server.Node.SucceedDownload(work, 2 << 20, digit: 'b');
        });
        var asked = await Task.WhenAll(_snapshots.Concat(_snapshots).Concat(_snapshots).Select(_server.TryDownloadAsync));

        var chains = asked.OfType<long>().ToList();
        Assert.Equal(Datasets, chains.Count);
        Assert.Equal(Datasets, (await handedOut).Select(static work => work.Id).Distinct().Count());
        foreach (var chain in chains)
            await _server.WaitForAsync(chain, ChainState.Done);
        Assert.True(_server.Node.IsIdle);
        Assert.Equal((Datasets, Datasets, 0), await _server.QueryAsync(async db => (
            await db.SnapshotDownloads.CountAsync(static d => d.Confirmed == Confirmed.Yes && d.Sha256Sum == new string('a', 64), Cancel),
            await db.Snapshots.CountAsync(static s => s.SnapshotDownloadId != null, Cancel), await db.ResourceLocks.CountAsync(Cancel))));
    }

    [Fact]
    public async Task Of_two_answers_to_one_question_the_first_counts()
    {
        var answers = AnswerAsync(2 * Datasets, work =>
        {
            _server.Node.Succeed(work);
            _server.Node.Fail(work);
        });
        var chains = await Task.WhenAll(_snapshots.Select(snapshot => _server.UseAsync<ChainStarter, StartedChain<bool>>((starter, _) => starter.StartAsync(new("test", "Test"), 1, async chain =>
        {
            await chain.LockAsync<Snapshot>(snapshot, Cancel);
            chain.Append(1, TransactionType.CreateDataset, new JsonObject());
            chain.Append(1, TransactionType.CreateDataset, new JsonObject());
            return true;
        }, Cancel))));

        Assert.DoesNotContain(await answers, static work => work.Rollback);
        foreach (var chain in chains)
            await _server.WaitForAsync(chain.ChainId, ChainState.Done);
        Assert.True(_server.Node.IsIdle);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chain_that_is_called_off_while_its_work_ends_is_done_or_undone_and_nothing_between(bool beforeItBegins)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var engine = _server.Services.GetRequiredService<ChainEngine>();
        var (accepted, refused, order) = (new ConcurrentBag<long>(), new ConcurrentBag<long>(), new ConcurrentQueue<TransactionMessage>());
        var cancels = new ConcurrentBag<Task>();
        var node = PumpAsync(work =>
        {
            order.Enqueue(work);
            if (!work.Rollback && !beforeItBegins)
                cancels.Add(CallOffAsync(work.ChainId));
            if (work.Rollback)
                _server.Node.Succeed(work);
            else
                _server.Node.SucceedDownload(work, 1 << 20);
        }, end.Token);

        var chains = await Task.WhenAll(_snapshots.Select(async snapshot =>
        {
            var (_, chain) = await _server.CreateDownloadAsync(snapshot);
            if (beforeItBegins)
                await CallOffAsync(chain);
            return chain;
        }));
        foreach (var chain in chains)
            await _server.WaitUntilAsync(async db => ChainMachine.IsFinished((await db.TransactionChains.SingleAsync(c => c.Id == chain, Cancel)).State));
        await Task.WhenAll(cancels);
        await end.CancelAsync();
        await node;

        Assert.Equal(chains.Order(), accepted.Concat(refused).Order());
        var states = await _server.QueryAsync(db => db.TransactionChains.Where(c => chains.Contains(c.Id)).ToDictionaryAsync(static c => c.Id, static c => c.State, Cancel));
        Assert.All(accepted, chain => Assert.Equal(ChainState.Failed, states[chain]));
        Assert.All(refused, chain => Assert.Equal(ChainState.Done, states[chain]));
        // The work never comes behind the word that it is called off, and neither of them twice.
        Assert.All(order.GroupBy(static work => work.Id), static group => Assert.Equal(group.Select(static work => work.Rollback).Distinct().Order(), group.Select(static work => work.Rollback)));
        Assert.Equal(order.Count(static work => !work.Rollback) - refused.Count, order.Count(static work => work.Rollback));
        Assert.Equal((refused.Count, 0), await _server.QueryAsync(async db => (await db.SnapshotDownloads.CountAsync(Cancel), await db.ResourceLocks.CountAsync(Cancel))));

        async Task CallOffAsync(long chain)
        {
            try
            {
                await engine.CancelAsync(chain);
                accepted.Add(chain);
            }
            catch (ActionRefusedException)
            {
                refused.Add(chain);
            }
        }
    }

    /// <summary>Answers so much work, each at once.</summary>
    private async Task<List<TransactionMessage>> AnswerAsync(int count, Action<TransactionMessage> answer)
    {
        var answered = new List<TransactionMessage>();
        while (answered.Count < count)
        {
            answered.Add(await _server.Node.NextAsync(Cancel));
            answer(answered[^1]);
        }
        return answered;
    }

    private async Task PumpAsync(Action<TransactionMessage> answer, CancellationToken end)
    {
        try
        {
            while (true)
                answer(await _server.Node.NextAsync(end));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !Cancel.IsCancellationRequested)
        {
            // Nothing more is handed out.
        }
    }
}
