using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Chains;

/// <summary>Chains that somebody calls off, over HTTP.</summary>
public sealed class CancellationTests : AdministratorTests
{
    private long _dataset;
    private long _snapshot;

    protected override async Task PrepareAsync()
    {
        _dataset = await Server.AddDatasetAsync("101");
        _snapshot = await Server.AddSnapshotAsync(_dataset, "2026-06-13T23:00:01");
    }

    [Fact]
    public async Task An_export_is_called_off_undone_and_forgotten_and_whoever_waits_learns_it()
    {
        var (_, chain) = await Server.CreateDownloadAsync(_snapshot);
        var work = await Server.Node.NextAsync(Cancel);
        Assert.True(Assert.Single(await Api.GetPendingAsync(Cancel)).CanCancel);
        var waiting = Api.WaitAsync(chain, null, Cancel);

        Assert.Null(await Api.CancelAsync(chain, Cancel));
        var undo = await Server.Node.NextAsync(Cancel);
        Assert.Equal((work.Id, true, "rollback"), (undo.Id, undo.Rollback, undo.Queue));
        var going = Assert.Single(await Api.GetPendingAsync(Cancel));
        Assert.Equal((false, false, false), (going.Finished, going.Status, going.CanCancel));
        Server.Node.Succeed(undo);

        var end = await waiting;
        Assert.Equal((true, false), (end.Finished, end.Succeeded));
        Assert.Equal((ChainState.Failed, 0, 0), await Server.QueryAsync(async db => (
            (await db.TransactionChains.SingleAsync(c => c.Id == chain, Cancel)).State,
            await db.SnapshotDownloads.CountAsync(Cancel), await db.ResourceLocks.CountAsync(Cancel))));

        var again = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CancelAsync(chain, Cancel));
        Assert.Equal("this action cannot be cancelled any more", again.ServerMessage);
        await Server.CreateDownloadAsync(_snapshot);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task How_the_work_ended_after_all_does_not_count_for_its_undoing(bool success)
    {
        var (_, chain) = await Server.CreateDownloadAsync(_snapshot);
        var work = await Server.Node.NextAsync(Cancel);
        await Api.CancelAsync(chain, Cancel);
        if (success)
            Server.Node.SucceedDownload(work, 1 << 20);
        else
            Server.Node.Fail(work, "It was called off.");
        Server.Node.Fail(await Server.Node.NextAsync(Cancel), "rmdir failed");

        await Server.WaitForAsync(chain, ChainState.Fatal);
    }

    [Fact]
    public async Task What_was_done_before_is_undone_too_in_reverse_and_the_rest_is_not_begun()
    {
        var chain = await StartAsync(TransactionType.CreateDataset, TransactionType.LocalSend, TransactionType.CreateSnapshot);
        var first = await Server.Node.NextAsync(Cancel);
        Server.Node.Succeed(first);
        var second = await Server.Node.NextAsync(Cancel);
        await Api.CancelAsync(chain, Cancel);

        foreach (var expected in new[] { second.Id, first.Id })
        {
            var undo = await Server.Node.NextAsync(Cancel);
            Assert.Equal((expected, true), (undo.Id, undo.Rollback));
            Server.Node.Succeed(undo);
        }
        await Server.WaitForAsync(chain, ChainState.Failed);
        Assert.True(Server.Node.IsIdle);
        Assert.Equal("101", (await Server.QueryAsync(db => db.Datasets.SingleAsync(Cancel))).FullName);
    }

    [Fact]
    public async Task What_has_to_come_to_its_end_says_so_and_goes_on()
    {
        var chain = await StartAsync(TransactionType.CreateDataset, TransactionType.LocalSend);
        var first = await Server.Node.NextAsync(Cancel);
        Assert.False(Assert.Single(await Api.GetPendingAsync(Cancel)).CanCancel);
        await Assert.ThrowsAsync<ActionFailedException>(() => Api.CancelAsync(chain, Cancel));
        Server.Node.Succeed(first);
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Done);
    }

    [Fact]
    public async Task A_chain_that_was_called_off_goes_on_back_after_a_restart()
    {
        var (_, chain) = await Server.CreateDownloadAsync(_snapshot);
        await Server.Node.NextAsync(Cancel);
        await Api.CancelAsync(chain, Cancel);
        await Server.RestartAsync();

        var undo = await Server.Node.NextAsync(Cancel);
        Assert.True(undo.Rollback);
        Server.Node.Succeed(undo);
        await Server.WaitForAsync(chain, ChainState.Failed);
    }

    [Fact]
    public async Task Nobody_calls_off_what_is_somebody_elses_nor_with_a_token_that_is_not_good_for_it()
    {
        var joe = await Server.AddUserAsync("joe");
        await Server.AddUserAsync("eve");
        var (_, chain) = await Server.CreateDownloadAsync(await Server.AddSnapshotAsync(await Server.AddDatasetAsync("102", joe), "2026-06-13T23:00:01"), ownedBy: joe);
        await Server.Node.NextAsync(Cancel);

        using var eve = await Server.ConnectAsync("eve", "eve-password");
        var foreign = await Assert.ThrowsAsync<ActionFailedException>(() => eve.CancelAsync(chain, Cancel));
        Assert.Equal("Action state not found", foreign.ServerMessage);
        using var narrow = await HaveApiClient.ConnectAsync(
            Server.Url, TokenAuthentication.Request("joe", "joe-password", HaveApi.Authentication.TokenLifetime.Fixed, TimeSpan.FromHours(1), scope: "action_state#index"), null, null, Cancel);
        await Assert.ThrowsAnyAsync<HaveApiException>(() => narrow.CancelAsync(chain, Cancel));
        Assert.True(Server.Node.IsIdle);

        using var owner = await Server.ConnectAsync("joe", "joe-password");
        await owner.CancelAsync(chain, Cancel);
        Assert.True((await Server.Node.NextAsync(Cancel)).Rollback);
    }

    /// <summary>A chain of such transactions; with the last one a dataset is made.</summary>
    private async Task<long> StartAsync(params TransactionType[] types)
    {
        var started = await Server.UseAsync<ChainStarter, StartedChain<long>>((chains, db) => chains.StartAsync(new("test", "Test"), 1, async builder =>
        {
            var dataset = new Dataset { FullName = "new", UserId = 1, CreatedAt = DateTimeOffset.UtcNow };
            db.Datasets.Add(dataset);
            await db.SaveChangesAsync(Cancel);
            var steps = types.Select(type => builder.Append(1, type, new JsonObject())).ToList();
            steps[^1].Create(dataset);
            return dataset.Id;
        }, Cancel));
        return started.ChainId;
    }
}
