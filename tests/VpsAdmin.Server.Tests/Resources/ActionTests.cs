using System.Net;
using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>What the actions refuse and give back, over HTTP.</summary>
public sealed class ActionTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private HaveApiClient _api = null!;
    private VpsAdminClient _admin = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        var password = (await File.ReadAllTextAsync(_server.Installation.Data.AdminPassword, Cancel)).Trim();
        _api = await HaveApiClient.ConnectAsync(
            _server.Url, TokenAuthentication.Request("admin", password, TokenLifetime.Fixed, TimeSpan.FromHours(1)), null, null, Cancel);
        _admin = new VpsAdminClient(_api);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("private", "'private' is a reserved name")]
    [InlineData("vpsadmin", "'vpsadmin' is a reserved name")]
    [InlineData("branch-x", "'branch-x' is a reserved name")]
    [InlineData("tree.0", "'tree.0' is a reserved name")]
    [InlineData("a..b", "'a..b' is not a valid name")]
    [InlineData("a/b", "'a/b' is not a valid name")]
    [InlineData("a@b", "'a@b' is not a valid name")]
    [InlineData("-a", "'-a' is not a valid name")]
    [InlineData("a\n", "'a ' is not a valid name")]
    [InlineData("101", "'101' is a reserved name: VPSes have such")]
    [InlineData("taken", "dataset 'taken' already exists")]
    public async Task A_dataset_cannot_be_called_just_anything(string name, string error)
    {
        await _server.AddDatasetAsync("taken");
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => _admin.CreateDatasetAsync(null, name, Cancel));
        Assert.Equal((HttpStatusCode.OK, error), (refused.HttpStatus, refused.Errors["name"].Single()));
        Assert.True(_server.Node.IsIdle);
    }

    [Fact]
    public async Task A_dataset_whose_name_would_be_too_long_for_its_exports_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => _admin.CreateDatasetAsync(null, new string('a', 203), Cancel));
        Assert.Contains("is too long", refused.Errors["name"].Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData(".web")]
    public async Task A_hostname_has_to_look_like_one(string hostname)
    {
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => _admin.CreateVpsAsync(hostname, Cancel));
        Assert.True(refused.Errors.ContainsKey("hostname"));
        Assert.Empty(await _admin.GetVpsesAsync(Cancel));
    }

    [Fact]
    public async Task A_vps_that_cannot_be_made_leaves_no_rows()
    {
        var (_, chain) = await _admin.CreateVpsAsync("web", Cancel);
        Assert.Single(await _admin.GetVpsesAsync(Cancel));
        var work = await _server.Node.NextAsync(Cancel);
        Assert.Equal((TransactionType.CreateDataset, "storage"), (work.Type, work.Queue));
        _server.Node.Fail(work);
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain!.Value, ChainState.Failed);
        Assert.Empty(await _admin.GetVpsesAsync(Cancel));
        Assert.Empty(await _admin.GetDatasetsAsync(null, Cancel));
    }

    [Fact]
    public async Task A_second_snapshot_meets_the_lock_of_the_first()
    {
        var dataset = await _server.AddDatasetAsync("data");
        var (snapshot, chain) = await _admin.CreateSnapshotAsync(dataset, null, Cancel);
        Assert.EndsWith(" (unconfirmed)", snapshot.Name, StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => _admin.CreateSnapshotAsync(dataset, null, Cancel));
        Assert.Equal((HttpStatusCode)423, refused.HttpStatus);
        Assert.Equal($"Resource is locked by transaction chain {chain} (Snapshot). Try again later.", refused.ServerMessage);
        Assert.Single(await _admin.GetSnapshotsAsync(dataset, Cancel));
    }

    [Fact]
    public async Task There_is_a_limit_to_snapshots()
    {
        var dataset = await _server.AddDatasetAsync("data");
        for (var day = 1; day <= 20; day++)
            await _server.AddSnapshotAsync(dataset, $"2026-06-{day:00}T01:00:00");
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => _admin.CreateSnapshotAsync(dataset, null, Cancel));
        Assert.Equal("cannot make more than 20 snapshots", refused.ServerMessage);
    }

    [Fact]
    public async Task A_snapshot_that_others_depend_on_stays()
    {
        var dataset = await _server.AddDatasetAsync("data");
        var snapshot = await _server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01");
        await _server.QueryAsync(async db =>
        {
            db.SnapshotInPools.Single().ReferenceCount = 1;
            return await db.SaveChangesAsync(Cancel);
        });
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => _admin.DeleteSnapshotAsync(dataset, snapshot, Cancel));
        Assert.Equal("this snapshot cannot be destroyed as others are depending on it", refused.ServerMessage);
    }

    [Fact]
    public async Task A_destroyed_snapshot_leaves_its_download_behind()
    {
        var dataset = await _server.AddDatasetAsync("data");
        var snapshot = await _server.AddSnapshotAsync(dataset, "2026-06-13T23:00:01");
        var (download, export) = await _server.CreateDownloadAsync(snapshot);
        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1 << 20);
        await _server.WaitForAsync(export, ChainState.Done);

        var (_, chain) = await _admin.DeleteSnapshotAsync(dataset, snapshot, Cancel);
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain!.Value, ChainState.Done);
        var left = await _admin.GetDownloadAsync(download.Id, Cancel);
        Assert.True(left.Ready);
        Assert.Null(left.Snapshot);
    }

    [Fact]
    public async Task A_subtree_is_told_from_names_that_only_begin_alike()
    {
        var root = await _server.AddDatasetAsync("data");
        foreach (var name in new[] { "data/b", "data/a", "data2", "DATA/c", "other" })
            await _server.AddDatasetAsync(name);
        var list = await _api.CallAsync("dataset#index", [], new JsonObject { ["dataset"] = root }, null, Cancel);
        Assert.Equal(["data", "data/a", "data/b"], list.List.Select(static d => (string?)d["name"]));
    }

    [Fact]
    public async Task Pages_behind_the_last_id_lose_no_dataset_and_no_snapshot_whatever_their_order()
    {
        var datasets = new List<long>();
        foreach (var name in new[] { "c", "b", "a" })
            datasets.Add(await _server.AddDatasetAsync(name));
        var snapshots = new List<long>();
        foreach (var day in new[] { 3, 2, 1 })
            snapshots.Add(await _server.AddSnapshotAsync(datasets[0], $"2026-06-0{day}T01:00:00"));

        Assert.Equal(datasets, await WalkAsync("dataset#index"));
        Assert.Equal(snapshots, await WalkAsync("dataset.snapshot#index", datasets[0]));
        Assert.Equal(["a", "b", "c"], (await _admin.GetDatasetsAsync(null, Cancel)).Select(static d => d.Name));
        Assert.Equal(snapshots.AsEnumerable().Reverse(), (await _admin.GetSnapshotsAsync(datasets[0], Cancel)).Select(static s => s.Id));
    }

    /// <summary>Ids in pages of one, each behind the last id of the page before.</summary>
    private async Task<List<long>> WalkAsync(string action, params long[] path)
    {
        var ids = new List<long>();
        while (true)
        {
            var input = new JsonObject { ["limit"] = 1 };
            if (ids.Count > 0)
                input["from_id"] = ids[^1];
            var page = await _api.CallAsync(action, path, input, null, Cancel);
            if (page.List.Count == 0)
                return ids;
            ids.Add((long)Assert.Single(page.List)["id"]!);
        }
    }

    [Fact]
    public async Task Chains_come_newest_first_in_pages()
    {
        var dataset = await _server.AddDatasetAsync("data");
        var chains = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            var (_, chain) = await _admin.CreateSnapshotAsync(dataset, null, Cancel);
            _server.Node.SucceedSnapshot(await _server.Node.NextAsync(Cancel), $"2026-06-13T23:00:0{i}", DateTimeOffset.UnixEpoch);
            await _server.WaitForAsync(chain!.Value, ChainState.Done);
            chains.Insert(0, chain.Value);
        }
        var page = await _api.CallAsync("transaction_chain#index", [], new JsonObject { ["limit"] = 2 }, new CallMeta(Count: true), Cancel);
        Assert.Equal(chains.Take(2), page.List.Select(static c => (long)c["id"]!));
        var next = await _api.CallAsync("transaction_chain#index", [], new JsonObject { ["limit"] = 2, ["from_id"] = chains[1] }, null, Cancel);
        Assert.Equal(chains.Skip(2), next.List.Select(static c => (long)c["id"]!));
    }

    [Fact]
    public async Task A_poll_ends_with_the_chain()
    {
        var dataset = await _server.AddDatasetAsync("data");
        var (_, chain) = await _admin.CreateSnapshotAsync(dataset, null, Cancel);
        var poll = _api.CallAsync("action_state#poll", [chain!.Value], new JsonObject { ["timeout"] = 30 }, null, Cancel);
        _server.Node.SucceedSnapshot(await _server.Node.NextAsync(Cancel), "2026-06-13T23:00:01", DateTimeOffset.UnixEpoch);
        var state = (await poll).Object!;
        Assert.Equal((true, true, 1, 1), ((bool)state["finished"]!, (bool)state["status"]!, (int)state["current"]!, (int)state["total"]!));
    }

    [Fact]
    public async Task A_poll_that_already_has_news_or_no_time_returns_at_once()
    {
        var dataset = await _server.AddDatasetAsync("data");
        var (_, chain) = await _admin.CreateSnapshotAsync(dataset, null, Cancel);
        JsonObject[] inputs = [new() { ["timeout"] = 0 }, new() { ["timeout"] = 30, ["update_in"] = 3, ["status"] = true, ["current"] = 5, ["total"] = 1 }];
        foreach (var input in inputs)
        {
            var state = (await _api.CallAsync("action_state#poll", [chain!.Value], input, null, Cancel)).Object!;
            Assert.False((bool)state["finished"]!);
        }
        var pending = await _api.CallAsync("action_state#index", [], null, null, Cancel);
        Assert.Equal([chain!.Value], pending.List.Select(static s => (long)s["id"]!));
    }

    [Fact]
    public async Task A_poll_takes_null_for_what_the_client_does_not_know()
    {
        var (_, chain) = await _admin.CreateSnapshotAsync(await _server.AddDatasetAsync("data"), null, Cancel);
        var input = new JsonObject { ["timeout"] = 0, ["update_in"] = null, ["status"] = null, ["current"] = null, ["total"] = null };
        var state = (await _api.CallAsync("action_state#poll", [chain!.Value], input, null, Cancel)).Object!;
        Assert.False((bool)state["finished"]!);
    }

    [Fact]
    public async Task Who_has_not_logged_in_may_ask_for_action_states_and_sees_none()
    {
        var (_, chain) = await _admin.CreateSnapshotAsync(await _server.AddDatasetAsync("data"), null, Cancel);
        foreach (var path in new[] { $"v7.0/action_states/{chain}", $"v7.0/action_states/{chain}/poll" })
        {
            var (status, reply) = await AskAsStrangerAsync(path);
            Assert.Equal((HttpStatusCode.OK, false, "Action state not found"), (status, (bool)reply["status"]!, (string?)reply["message"]));
        }
        var list = await AskAsStrangerAsync("v7.0/action_states");
        Assert.Empty(list.Reply["response"]!["action_states"]!.AsArray());
    }

    [Fact]
    public async Task Datasets_are_listed_with_null_for_the_vps()
    {
        await _server.AddDatasetAsync("data");
        Assert.Single((await _api.CallAsync("dataset#index", [], new JsonObject { ["vps"] = null }, null, Cancel)).List);
    }

    [Theory]
    [InlineData("snapshot_download", "index", "snapshot", "label")]
    [InlineData("snapshot_download", "create", "snapshot", "created_at")]
    public async Task Inputs_say_what_snapshots_are_called_by(string resource, string action, string input, string label)
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        var api = JsonNode.Parse(await (await http.SendAsync(new(HttpMethod.Options, new Uri("v7.0/", UriKind.Relative)), Cancel)).Content.ReadAsStringAsync(Cancel))!;
        var described = api["response"]!["resources"]![resource]!["actions"]![action]!["input"]!["parameters"]![input]!;
        Assert.Equal(label, (string?)described["value_label"]);
    }

    [Fact]
    public async Task A_download_that_is_being_made_is_given_back_at_once_and_seen_to_expire()
    {
        var snapshot = await _server.AddSnapshotAsync(await _server.AddDatasetAsync("data"), "2026-06-13T23:00:01");
        var (download, _) = await _admin.CreateDownloadAsync(snapshot, null, ExportFormat.Stream, sendMail: false, Cancel);
        Assert.Null((await _admin.DeleteDownloadAsync(download.Id, Cancel)).ActionStateId);
        var expiring = Assert.Single(await _admin.GetDownloadsAsync(snapshot, Cancel));
        Assert.False(expiring.Ready);
        Assert.True(expiring.ExpirationDate <= DateTimeOffset.UtcNow);

        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1 << 20);
        var removal = await _server.Node.NextAsync(Cancel);
        _server.Node.Succeed(removal);
        await _server.WaitForAsync(removal.ChainId, ChainState.Done);
        Assert.Empty(await _admin.GetDownloadsAsync(snapshot, Cancel));
    }

    [Fact]
    public async Task The_server_says_when_it_is_well()
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        Assert.Equal("ok", await http.GetStringAsync(new Uri("health", UriKind.Relative), Cancel));
    }

    private async Task<(HttpStatusCode Status, JsonNode Reply)> AskAsStrangerAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = _server.Url };
        using var reply = await http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return (reply.StatusCode, JsonNode.Parse(await reply.Content.ReadAsStringAsync(Cancel))!);
    }
}
