using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Chains;

public sealed class ChainEngineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transactions_run_one_after_another()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await SteppedChain.StartAsync(server, 2);
        var first = await server.Node.NextAsync(Cancel);
        Assert.True(server.Node.IsIdle);
        Assert.Equal("/0", Number(first));
        server.Node.Succeed(first);
        var second = await server.Node.NextAsync(Cancel);
        Assert.Equal("/1", Number(second));
        Assert.Equal((ChainState.Queued, 1, 2), await SteppedChain.ProgressAsync(server, chain));
        server.Node.Succeed(second);
        await server.WaitForAsync(chain, ChainState.Done);
        Assert.Equal((ChainState.Done, 2, 2), await SteppedChain.ProgressAsync(server, chain));
    }

    [Fact]
    public async Task What_a_transfer_has_sent_so_far_is_kept_with_it()
    {
        await using var server = await RunningServer.StartAsync();
        await SteppedChain.StartAsync(server, 1);
        var work = await server.Node.NextAsync(Cancel);
        server.Node.Report(new TransferProgressed(work.Id, 5L << 40));
        server.Node.Report(new TransferProgressed(work.Id + 1, 7));
        server.Node.Succeed(work);
        await server.WaitUntilAsync(static db => db.Transactions.AllAsync(static t => t.State == StepState.Done));
        Assert.Equal(5L << 40, (await server.QueryAsync(db => db.Transactions.SingleAsync(t => t.Id == work.Id, Cancel))).SentBytes);
    }

    [Fact]
    public async Task A_failure_undoes_what_was_done_in_reverse()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await SteppedChain.StartAsync(server, 3);
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        server.Node.Fail(await server.Node.NextAsync(Cancel));
        foreach (var number in new[] { "/1", "/0" })
        {
            var undo = await server.Node.NextAsync(Cancel);
            Assert.Equal((number, true, "rollback"), (Number(undo), undo.Rollback, undo.Queue));
            server.Node.Succeed(undo);
        }
        await server.WaitForAsync(chain, ChainState.Failed);
        Assert.Equal((ChainState.Failed, 0, 3), await SteppedChain.ProgressAsync(server, chain));
        Assert.True(server.Node.IsIdle);
        Assert.Equal(0, await server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
    }

    [Fact]
    public async Task The_end_of_what_had_the_number_before_the_database_was_put_back_is_nobodys()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await SteppedChain.StartAsync(server, 1);
        var work = await server.Node.NextAsync(Cancel);
        Assert.Equal(16, work.Nonce!.Length);
        server.Node.Report(new TransactionFinished(work.Id, Success: false, Output: null, "it was another") { Nonce = "another" });
        server.Node.Report(new TransactionFinished(work.Id, Success: true, Output: null, Error: null) { Nonce = work.Nonce });
        await server.WaitForAsync(chain, ChainState.Done);
        Assert.Null((await server.QueryAsync(db => db.Transactions.SingleAsync(Cancel))).Error);
    }

    [Fact]
    public async Task A_fatal_chain_keeps_its_locks_and_confirms_nothing()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await SteppedChain.StartAsync(server, 1);
        server.Node.Fail(await server.Node.NextAsync(Cancel));
        server.Node.Fail(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(chain, ChainState.Fatal);
        Assert.Equal(1, await server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
        Assert.Equal(Confirmed.Create, (await server.QueryAsync(db => db.Datasets.SingleAsync(Cancel))).Confirmed);
    }

    [Fact]
    public async Task A_chain_goes_on_after_the_server_was_restarted()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await SteppedChain.StartAsync(server, 2);
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        var lost = await server.Node.NextAsync(Cancel);

        await server.RestartAsync();
        var again = await server.Node.NextAsync(Cancel);
        Assert.Equal((lost.Id, false), (again.Id, again.Rollback));
        server.Node.Fail(again);
        var undo = await server.Node.NextAsync(Cancel);

        await server.RestartAsync();
        var undoAgain = await server.Node.NextAsync(Cancel);
        Assert.Equal((undo.Id, true, "rollback"), (undoAgain.Id, undoAgain.Rollback, undoAgain.Queue));
        server.Node.Succeed(undoAgain);
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(chain, ChainState.Failed);
    }

    [Fact]
    public async Task Nodes_can_tell_the_work_of_one_database_from_that_of_another_and_know_it_again_after_a_restart()
    {
        await using var server = await RunningServer.StartAsync();
        await SteppedChain.StartAsync(server, 1);
        var work = await server.Node.NextAsync(Cancel);
        await server.RestartAsync();
        var again = await server.Node.NextAsync(Cancel);
        Assert.Equal((work.Id, work.Installation), (again.Id, again.Installation));

        await using var other = await RunningServer.StartAsync();
        await SteppedChain.StartAsync(other, 1);
        var same = await other.Node.NextAsync(Cancel);
        Assert.Equal(work.Id, same.Id);
        Assert.NotEqual(work.Installation, same.Installation);
    }

    [Fact]
    public async Task A_report_that_comes_twice_counts_once()
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await SteppedChain.StartAsync(server, 2);
        var first = await server.Node.NextAsync(Cancel);
        server.Node.Succeed(first);
        server.Node.Succeed(first);
        server.Node.Fail(first);
        server.Node.Report(new TransactionFinished(4711, true, null, null));
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(chain, ChainState.Done);
        Assert.True(server.Node.IsIdle);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"Bytes":-1,"Sha256":"aa"}""")]
    [InlineData("""[1]""")]
    public async Task An_answer_that_cannot_be_read_is_a_failure(string? output)
    {
        await using var server = await RunningServer.StartAsync();
        var snapshot = await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var (_, chain) = await server.CreateDownloadAsync(snapshot);
        server.Node.Succeed(await server.Node.NextAsync(Cancel), output is null ? null : JsonNode.Parse(output));
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(chain, ChainState.Failed);
    }

    [Fact]
    public async Task A_snapshots_name_is_saved_before_its_chain_ends()
    {
        await using var server = await RunningServer.StartAsync();
        var dataset = await server.AddDatasetAsync("101");
        var at = new DateTimeOffset(2026, 6, 13, 23, 0, 1, TimeSpan.Zero);
        var (snapshot, chain) = await server.UseAsync<ChainStarter, StartedChain<long>>((chains, db) => chains.StartAsync(new("snapshot", "Snapshot"), 1, async builder =>
        {
            var row = new Snapshot { DatasetId = dataset, Name = "x" + Snapshot.Provisional, CreatedAt = DateTimeOffset.UnixEpoch };
            db.Snapshots.Add(row);
            await db.SaveChangesAsync(Cancel);
            builder.Append(1, TransactionType.CreateSnapshot, new JsonObject(), subjectId: row.Id).Create(row);
            builder.Append(1, TransactionType.CreateDataset, new JsonObject());
            return row.Id;
        }, Cancel));

        server.Node.SucceedSnapshot(await server.Node.NextAsync(Cancel), "2026-06-13T23:00:01", at);
        var next = await server.Node.NextAsync(Cancel);
        var saved = await server.QueryAsync(db => db.Snapshots.SingleAsync(s => s.Id == snapshot, Cancel));
        Assert.Equal(("2026-06-13T23:00:01", at, Confirmed.Create), (saved.Name, saved.CreatedAt, saved.Confirmed));
        server.Node.Succeed(next);
        await server.WaitForAsync(chain, ChainState.Done);
    }

    private static string? Number(TransactionMessage message) => (string?)message.Input["number"];
}
