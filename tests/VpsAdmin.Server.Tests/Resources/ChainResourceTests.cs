using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>Looking at chains and their transactions, and ending those that could not be undone, over HTTP.</summary>
public sealed class ChainResourceTests : AdministratorTests
{
    [Fact]
    public async Task V25_chains_are_found_by_what_they_concern_newest_first()
    {
        var dataset = await Server.AddDatasetAsync("101");
        var snapshot = await Server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01");
        var other = await Server.AddSnapshotAsync(await Server.AddDatasetAsync("102"), "2026-06-13T23:00:01");
        var first = await ExportAsync(snapshot);
        await ExportAsync(other);
        var removal = await Server.RemoveDownloadAsync((await Server.QueryAsync(db => db.SnapshotDownloads.FirstAsync(Cancel))).Id);
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(removal!.Value, ChainState.Done);
        var second = await ExportAsync(snapshot);

        var found = await ListAsync("transaction_chain#index", new() { ["class_name"] = "Snapshot", ["row_id"] = snapshot });
        Assert.Equal([second, first], found.Select(static c => (long)c["id"]!));
        Assert.Equal($$"""{"type":"affect","objects":[["Snapshot",{{snapshot}}]]}""", found[0]["concerns"]!.ToJsonString());
        Assert.Equal([removal.Value], (await ListAsync("transaction_chain#index", new() { ["class_name"] = "SnapshotDownload" })).Select(static c => (long)c["id"]!));
    }

    [Fact]
    public async Task Chains_are_found_by_the_login_that_asked_for_them()
    {
        var dataset = await Server.AddDatasetAsync("101");
        using var other = await Server.ConnectAsAdministratorAsync();
        var (mine, theirs) = (await AskAsync(Api, "2026-06-13T23:00:01"), await AskAsync(other, "2026-06-14T23:00:01"));
        await ExportAsync(await Server.AddSnapshotAsync(dataset, "2026-06-15T23:00:01")); // Nobody's login.

        var sessions = (await other.CallAsync("user_session#index", [], null, null, Cancel)).List.Select(static s => (long)s["id"]!).Order().ToList();
        Assert.Equal(2, sessions.Count);
        Assert.Equal([mine], await AskedInAsync(sessions[0]));
        Assert.Equal([theirs], await AskedInAsync(sessions[1]));

        async Task<IEnumerable<long>> AskedInAsync(long session) =>
            (await ListAsync("transaction_chain#index", new() { ["user_session"] = session })).Select(static c => (long)c["id"]!);

        async Task<long> AskAsync(HaveApiClient api, string snapshot)
        {
            var asked = new JsonObject { ["snapshot"] = await Server.AddSnapshotAsync(dataset, snapshot), ["send_mail"] = false };
            var chain = (await api.CallAsync("snapshot_download#create", [], asked, null, Cancel)).ActionStateId!.Value;
            Server.Node.SucceedDownload(await Server.Node.NextAsync(Cancel), 1 << 20);
            await Server.WaitForAsync(chain, ChainState.Done);
            return chain;
        }
    }

    [Fact]
    public async Task Transactions_tell_how_they_ended_and_members_see_their_own_without_the_input()
    {
        var joe = await Server.AddUserAsync("joe");
        var snapshot = await Server.AddSnapshotAsync(await Server.AddDatasetAsync("101", joe), "2026-06-13T23:00:01");
        var (_, chain) = await Server.CreateDownloadAsync(snapshot, ownedBy: joe);
        Server.Node.SucceedDownload(await Server.Node.NextAsync(Cancel), 1);
        await Server.WaitForAsync(chain, ChainState.Done);
        await ExportAsync(await Server.AddSnapshotAsync(await Server.AddDatasetAsync("102"), "2026-06-13T23:00:01"));

        var mine = await ListAsync("transaction#index", new() { ["transaction_chain"] = chain });
        Assert.Equal(("done", true, 5004, "general"), ((string?)mine[0]["done"], (bool)mine[0]["success"]!, (int)mine[0]["type"]!, (string?)mine[0]["queue"]));
        Assert.Equal("101", (string?)mine[0]["input"]!["Dataset"]);
        Assert.Equal(2, (await ListAsync("transaction#index", new() { ["success"] = true, ["done"] = "done" })).Count);
        Assert.Empty(await ListAsync("transaction#index", new() { ["done"] = "rolledback" }));

        using var api = await Server.ConnectAsync("joe", "joe-password");
        var seen = Assert.Single((await api.CallAsync("transaction#index", [], null, null, Cancel)).List);
        Assert.False(seen.ContainsKey("input") || seen.ContainsKey("type") || seen.ContainsKey("output"));
    }

    [Fact]
    public async Task An_administrator_ends_a_fatal_chain_and_its_locks()
    {
        var snapshot = await Server.AddSnapshotAsync(await Server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var (download, chain) = await Server.CreateDownloadAsync(snapshot);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Fatal);

        await Server.AddUserAsync("joe");
        using var joe = await Server.ConnectAsync("joe", "joe-password");
        await Assert.ThrowsAnyAsync<HaveApiException>(() => joe.CallAsync("transaction_chain#resolve", [chain], null, null, Cancel));
        var resolved = await Api.CallAsync("transaction_chain#resolve", [chain], null, null, Cancel);
        Assert.Equal("resolved", (string?)resolved.Object!["state"]);
        Assert.Equal(0, await Server.QueryAsync(db => db.ResourceLocks.CountAsync(Cancel)));
        Assert.False(await Server.QueryAsync(db => db.SnapshotDownloads.AnyAsync(d => d.Id == download.Id, Cancel)));

        var again = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("transaction_chain#resolve", [chain], null, null, Cancel));
        Assert.Equal("this transaction chain is not fatal", again.ServerMessage);
    }

    private async Task<long> ExportAsync(long snapshot)
    {
        var (_, chain) = await Server.CreateDownloadAsync(snapshot);
        Server.Node.SucceedDownload(await Server.Node.NextAsync(Cancel), 1 << 20);
        await Server.WaitForAsync(chain, ChainState.Done);
        return chain;
    }

    private async Task<IReadOnlyList<JsonObject>> ListAsync(string action, JsonObject input) => (await Api.CallAsync(action, [], input, null, Cancel)).List;
}
