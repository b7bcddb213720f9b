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
public sealed class CancellationTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private HaveApiClient _api = null!;
    private long _dataset;
    private long _snapshot;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _api = await _server.ConnectAsAdministratorAsync();
        _dataset = await _server.AddDatasetAsync("101");
        _snapshot = await _server.AddSnapshotAsync(_dataset, "2026-06-13T23:00:01");
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_export_is_called_off_undone_and_forgotten_and_whoever_waits_learns_it()
    {
        var (_, chain) = await _server.CreateDownloadAsync(_snapshot);
        var work = await _server.Node.NextAsync(Cancel);
        Assert.True(Assert.Single(await _api.GetPendingAsync(Cancel)).CanCancel);
        var waiting = _api.WaitAsync(chain, null, Cancel);

        Assert.Null(await _api.CancelAsync(chain, Cancel));
        var undo = await _server.Node.NextAsync(Cancel);
        Assert.Equal((work.Id, true, "rollback"), (undo.Id, undo.Rollback, undo.Queue));
        var going = Assert.Single(await _api.GetPendingAsync(Cancel));
        Assert.Equal((false, false, false), (going.Finished, going.Status, going.CanCancel));
        _server.Node.Succeed(undo);

        var end = await waiting;
        Assert.Equal((true, false), (end.Finished, end.Succeeded));
        Assert.Equal((ChainState.Failed, 0, 0), await _server.QueryAsync(async db => (
            (await db.TransactionChains.SingleAsync(c => c.Id == chain, Cancel)).State,
            await db.SnapshotDownloads.CountAsync(Cancel), await db.ResourceLocks.CountAsync(Cancel))));

        var again = await Assert.ThrowsAsync<ActionFailedException>(() => _api.CancelAsync(chain, Cancel));
        Assert.Equal("this action cannot be cancelled any more", again.ServerMessage);
        await _server.CreateDownloadAsync(_snapshot);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task How_the_work_ended_after_all_does_not_count_for_its_undoing(bool success)
    {
        var (_, chain) = await _server.CreateDownloadAsync(_snapshot);
        var work = await _server.Node.NextAsync(Cancel);
        await _api.CancelAsync(chain, Cancel);
        if (success)
            _server.Node.SucceedDownload(work, 1 << 20);
        else
            _server.Node.Fail(work, "It was called off.");
        _server.Node.Fail(await _server.Node.NextAsync(Cancel), "rmdir failed");

        await _server.WaitForAsync(chain, ChainState.Fatal);
    }

    [Fact]
    public async Task What_was_done_before_is_undone_too_in_reverse_and_the_rest_is_not_begun()
    {
        var chain = await StartAsync(TransactionType.CreateDataset, TransactionType.LocalSend, TransactionType.CreateSnapshot);
        var first = await _server.Node.NextAsync(Cancel);
        _server.Node.Succeed(first);
        var second = await _server.Node.NextAsync(Cancel);
        await _api.CancelAsync(chain, Cancel);

        foreach (var expected in new[] { second.Id, first.Id })
        {
            var undo = await _server.Node.NextAsync(Cancel);
            Assert.Equal((expected, true), (undo.Id, undo.Rollback));
            _server.Node.Succeed(undo);
        }
        await _server.WaitForAsync(chain, ChainState.Failed);
        Assert.True(_server.Node.IsIdle);
        Assert.Equal("101", (await _server.QueryAsync(db => db.Datasets.SingleAsync(Cancel))).FullName);
    }

    [Fact]
    public async Task What_has_to_come_to_its_end_says_so_and_goes_on()
    {
        var chain = await StartAsync(TransactionType.CreateDataset, TransactionType.LocalSend);
        var first = await _server.Node.NextAsync(Cancel);
        Assert.False(Assert.Single(await _api.GetPendingAsync(Cancel)).CanCancel);
        await Assert.ThrowsAsync<ActionFailedException>(() => _api.CancelAsync(chain, Cancel));
        _server.Node.Succeed(first);
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain, ChainState.Done);
    }

    [Fact]
    public async Task A_chain_that_was_called_off_goes_on_back_after_a_restart()
    {
        var (_, chain) = await _server.CreateDownloadAsync(_snapshot);
        await _server.Node.NextAsync(Cancel);
        await _api.CancelAsync(chain, Cancel);
        await _server.RestartAsync();

        var undo = await _server.Node.NextAsync(Cancel);
        Assert.True(undo.Rollback);
        _server.Node.Succeed(undo);
        await _server.WaitForAsync(chain, ChainState.Failed);
    }

    [Fact]
    public async Task Nobody_calls_off_what_is_somebody_elses_nor_with_a_token_that_is_not_good_for_it()
    {
        var joe = await _server.AddUserAsync("joe");
        await _server.AddUserAsync("eve");
        var (_, chain) = await _server.CreateDownloadAsync(await _server.AddSnapshotAsync(await _server.AddDatasetAsync("102", joe), "2026-06-13T23:00:01"), ownedBy: joe);
        await _server.Node.NextAsync(Cancel);

        using var eve = await _server.ConnectAsync("eve", "eve-password");
        var foreign = await Assert.ThrowsAsync<ActionFailedException>(() => eve.CancelAsync(chain, Cancel));
        Assert.Equal("Action state not found", foreign.ServerMessage);
        using var narrow = await HaveApiClient.ConnectAsync(
            _server.Url, TokenAuthentication.Request("joe", "joe-password", HaveApi.Authentication.TokenLifetime.Fixed, TimeSpan.FromHours(1), scope: "action_state#index"), null, null, Cancel);
        await Assert.ThrowsAnyAsync<HaveApiException>(() => narrow.CancelAsync(chain, Cancel));
        Assert.True(_server.Node.IsIdle);

        using var owner = await _server.ConnectAsync("joe", "joe-password");
        await owner.CancelAsync(chain, Cancel);
        Assert.True((await _server.Node.NextAsync(Cancel)).Rollback);
    }

    /// <summary>A chain of such transactions; with the last one a dataset is made.</summary>
    private async Task<long> StartAsync(params TransactionType[] types)
    {
        var started = await _server.UseAsync<ChainStarter, StartedChain<long>>((chains, db) => chains.StartAsync(new("test", "Test"), 1, async builder =>
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
