using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Postgres.Tests;

/// <summary>Two servers that build chains at once: who waits for whom, and who gets what both want.</summary>
public sealed class SideBySideTests : TwoServers
{
    [Fact]
    public async Task Whoever_is_about_one_dataset_keeps_out_those_about_it_or_about_any_and_nobody_else()
    {
        var (one, other) = (await First.AddDatasetOnNodeAsync("101"), await First.AddDatasetOnNodeAsync("102"));
        await using var scope = First.Services.CreateAsyncScope();
        Task<long> same, any;
        await using (await scope.ServiceProvider.GetRequiredService<VpsAdminDb>().BeginWritingAsync(one, Cancel))
        {
            await StartAsync(Second, other, other);
            same = StartAsync(Second, one, one);
            await WaitForWaitersAsync(1);
            any = StartAsync(Second, gate: null, locks: await First.AddDatasetOnNodeAsync("103"));
            await WaitForWaitersAsync(2);
            Assert.False(same.IsCompleted || any.IsCompleted);
        }
        await Task.WhenAll(same, any);
    }

    [Fact]
    public async Task Of_two_servers_that_are_asked_for_the_same_export_one_makes_it_and_the_other_refuses()
    {
        const int datasets = 15;
        var snapshots = new List<long>();
        for (var number = 0; number < datasets; number++)
            snapshots.Add(await First.AddSnapshotAsync(await First.AddDatasetOnNodeAsync($"{101 + number}"), "2026-06-13T23:00:01"));
        var answers = AnswerAsync(datasets);
        var asked = await Task.WhenAll(snapshots.SelectMany(snapshot => new[] { First.TryDownloadAsync(snapshot), Second.TryDownloadAsync(snapshot) }));
        await answers;

        foreach (var pair in asked.Chunk(2))
            await First.WaitForAsync(Assert.Single(pair, static chain => chain is not null)!.Value, ChainState.Done);
        Assert.Equal((datasets, 0), await First.QueryAsync(async db => (await db.SnapshotDownloads.CountAsync(static d => d.Confirmed == Confirmed.Yes, Cancel), await db.ResourceLocks.CountAsync(Cancel))));
        Assert.True(First.Node.IsIdle);
    }

    [Fact]
    public async Task A_row_that_chains_about_different_datasets_want_is_theFirsts_and_theSecond_is_told_whose_it_is()
    {
        var (one, other) = (await First.AddDatasetOnNodeAsync("101"), await First.AddDatasetOnNodeAsync("102"));
        var (isKept, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = StartAsync(First, one, one, async () => { isKept.SetResult(); await goOn.Task; });
        await isKept.Task;
        var second = StartAsync(Second, other, one);
        await WaitForWaitersAsync(1);
        goOn.SetResult();

        var chain = await first;
        var refused = await Assert.ThrowsAsync<ActionRefusedException>(() => second);
        Assert.Equal(423, refused.HttpStatus);
        Assert.Equal(chain, (await First.QueryAsync(db => db.ResourceLocks.SingleAsync(Cancel))).ChainId);
    }

    [Fact]
    public async Task A_chain_that_others_were_in_the_way_of_is_built_again_from_the_beginning()
    {
        var dataset = await First.AddDatasetOnNodeAsync("101");
        var attempts = 0;
        var chain = await First.UseAsync<ChainStarter, StartedChain<int>>((starter, db) => starter.StartAsync(new("test", "Test"), 1, dataset, async chain =>
        {
            await chain.LockAsync<Dataset>(dataset, Cancel);
            chain.Append(1, TransactionType.CreateDataset, new JsonObject());
            if (++attempts == 1)
                await db.Database.ExecuteSqlRawAsync("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$", Cancel);
            return attempts;
        }, Cancel));
        Assert.Equal(2, chain.Value);
        Assert.Equal((1, 1, 1), await First.QueryAsync(async db => (await db.TransactionChains.CountAsync(Cancel), await db.Transactions.CountAsync(Cancel), await db.ResourceLocks.CountAsync(Cancel))));
    }

    /// <param name="gate">The dataset that the chain is about; null: any.</param>
    /// <param name="locks">The dataset that it locks.</param>
    private static async Task<long> StartAsync(RunningServer server, long? gate, long locks, Func<Task>? then = null) =>
        (await server.UseAsync<ChainStarter, StartedChain<long>>((starter, db) => starter.StartAsync(new("test", "Test"), 1, gate, async chain =>
        {
            await chain.LockAsync<Dataset>(locks, Cancel);
            chain.Append(await db.Nodes.Where(static n => n.DomainName == Steps.NodeName).Select(static n => n.Id).SingleAsync(Cancel), TransactionType.CreateDataset, new JsonObject());
            if (then is not null)
                await then();
            return locks;
        }, Cancel))).ChainId;

    private async Task AnswerAsync(int count)
    {
        for (var number = 0; number < count; number++)
            First.Node.SucceedDownload(await First.Node.NextAsync(Cancel), 1 << 20);
    }

    /// <summary>Waits until so many connections of this database wait for others.</summary>
    private async Task WaitForWaitersAsync(int count)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (await First.QueryAsync(db => db.Database.SqlQueryRaw<int>(
            "SELECT count(*)::int AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0 AND application_name NOT LIKE '%leader'").SingleAsync(patience.Token)) < count)
            patience.Token.ThrowIfCancellationRequested();
    }
}
