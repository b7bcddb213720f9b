using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>Looking at chains and their transactions, and ending those that could not be undone, over HTTP.</summary>
public sealed class ChainResourceTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private HaveApiClient _api = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _api = await _server.ConnectAsAdministratorAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task V25_chains_are_found_by_what_they_concern_newest_first()
    {
        var dataset = await _server.AddDatasetAsync("101");
        var snapshot = await _server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01");
        var other = await _server.AddSnapshotAsync(await _server.AddDatasetAsync("102"), "2026-06-13T23:00:01");
        var first = await ExportAsync(snapshot);
        await ExportAsync(other);
        var removal = await _server.RemoveDownloadAsync((await _server.QueryAsync(db => db.SnapshotDownloads.FirstAsync(Cancel))).Id);
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(removal!.Value, ChainState.Done);
        var second = await ExportAsync(snapshot);

        var found = await ListAsync("transaction_chain#index", new() { ["class_name"] = "Snapshot", ["row_id"] = snapshot });
        Assert.Equal([second, first], found.Select(static c => (long)c["id"]!));
        Assert.Equal($$"""{"type":"affect","objects":[["Snapshot",{{snapshot}}]]}""", found[0]["concerns"]!.ToJsonString());
        Assert.Equal([removal.Value], (await ListAsync("transaction_chain#index", new() { ["class_name"] = "SnapshotDownload" })).Select(static c => (long)c["id"]!));
    }

    [Fact]
    public async Task Transactions_tell_how_they_ended_and_members_see_their_own_without_the_input()
    {
        var joe = await _server.AddUserAsync("joe");
        var snapshot = await _server.AddSnapshotAsync(await _server.AddDatasetAsync("101", joe), "2026-06-13T23:00:01");
        var (_, chain) = await _server.CreateDownloadAsync(snapshot, ownedBy: joe);
        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1);
        await _server.WaitForAsync(chain, ChainState.Done);
        await ExportAsync(await _server.AddSnapshotAsync(await _server.AddDatasetAsync("102"), "2026-06-13T23:00:01"));

        var mine = await ListAsync("transaction#index", new() { ["transaction_chain"] = chain });
        Assert.Equal(("done", true, 5004, "general"), ((string?)mine[0]["done"], (bool)mine[0]["success"]!, (int)mine[0]["type"]!, (string?)mine[0]["queue"]));
        Assert.Equal("101", (string?)mine[0]["input"]!["Dataset"]);
        Assert.Equal(2, (await ListAsync("transaction#index", new() { ["success"] = true, ["done"] = "done" })).Count);
        Assert.Empty(await ListAsync("transaction#index", new() { ["done"] = "rolledback" }));

        using var api = await _server.ConnectAsync("joe", "joe-password");
        var seen = Assert.Single((await api.CallAsync("transaction#index", [], null, null, Cancel)).List);
        Assert.False(seen.ContainsKey("input") || seen.ContainsKey("type") || seen.ContainsKey("output"));
    }

    [Fact]
    public async Task An_administrator_ends_a_fatal_chain_and_its_locks()
    {
        var snapshot = await _server.AddSnapshotAsync(await _server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var (download, chain) = await _server.CreateDownloadAsync(snapshot);
        _server.Node.Fail(await _server.Node.NextAsync(Cancel));
        _server.Node.Fail(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain, ChainState.Fatal);

        await _server.AddUserAsync("joe");
        using var joe = await _server.ConnectAsync("joe", "joe-password");
        await Assert.ThrowsAnyAsync<HaveApiException>(() => joe.CallAsync("transaction_chain#resolve", [chain], null, null, Cancel));
        var resolved = await _api.CallAsync("transaction_chain#resolve", [chain], null, null, Cancel);
        Assert.Equal("resolved", (string?)resolved.Object!["state"]);
        Assert.Equal(0, await _server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
        Assert.False(await _server.QueryAsync(db => db.SnapshotDownloads.AnyAsync(d => d.Id == download.Id, Cancel)));

        var again = await Assert.ThrowsAsync<ActionFailedException>(() => _api.CallAsync("transaction_chain#resolve", [chain], null, null, Cancel));
        Assert.Equal("this transaction chain is not fatal", again.ServerMessage);
    }

    private async Task<long> ExportAsync(long snapshot)
    {
        var (_, chain) = await _server.CreateDownloadAsync(snapshot);
        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1 << 20);
        await _server.WaitForAsync(chain, ChainState.Done);
        return chain;
    }

    private async Task<IReadOnlyList<JsonObject>> ListAsync(string action, JsonObject input) => (await _api.CallAsync(action, [], input, null, Cancel)).List;
}
