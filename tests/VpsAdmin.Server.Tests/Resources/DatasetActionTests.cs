using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>Changing and destroying datasets, over HTTP.</summary>
public sealed class DatasetActionTests : AdministratorTests
{
    [Fact]
    public async Task Datasets_of_a_primary_pool_are_worked_in_as_on_a_hypervisor()
    {
        await Server.QueryAsync(db => db.Pools.ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Role, PoolRole.Primary), Cancel));
        var made = await Api.CallAsync("dataset#create", [], new JsonObject { ["name"] = "nas" }, null, Cancel);
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(made.ActionStateId!.Value, ChainState.Done);
        var id = (long)made.Object["id"]!;

        Assert.Equal([id], (await Api.CallAsync("dataset#index", [], new JsonObject { ["role"] = "primary" }, null, Cancel)).List.Select(static d => (long)d["id"]!));
        Assert.Empty((await Api.CallAsync("dataset#index", [], new JsonObject { ["role"] = "hypervisor" }, null, Cancel)).List);
        // Without a role: hypervisors and primary pools (spec 1.3).
        Assert.Single((await Api.CallAsync("dataset#index", [], [], null, Cancel)).List);
        await Api.CallAsync("dataset.snapshot#create", [id], [], null, Cancel);
        Assert.Equal(("tank/vps", "nas"), (await Server.Node.NextAsync(Cancel)).Input.Deserialize(NodeJson.Default.CreateSnapshotInput) is { } input ? (input.Filesystem, input.Dataset) : default);
    }

    [Fact]
    public async Task Properties_reach_the_node_and_show_when_it_has_set_them()
    {
        var dataset = await Server.AddDatasetAsync("data");
        var chain = await CallAsync("dataset#update", dataset, new() { ["atime"] = false, ["quota"] = 64, ["refquota"] = 0 });
        var work = await Server.Node.NextAsync(Cancel);
        var input = work.Input.Deserialize(NodeJson.Default.SetDatasetInput)!;
        Assert.Equal(TransactionType.SetDataset, work.Type);
        Assert.Equal(new() { ["atime"] = "off", ["quota"] = "67108864", ["refquota"] = "none" }, new Dictionary<string, string?>(input.Values));
        Assert.Equal(new() { ["atime"] = null, ["quota"] = null, ["refquota"] = null }, new Dictionary<string, string?>(input.Before));
        Assert.True((bool)(await ShowAsync(dataset))["atime"]!);

        Server.Node.Succeed(work);
        await Server.WaitForAsync(chain, ChainState.Done);
        var shown = await ShowAsync(dataset);
        Assert.Equal((false, 64, "standard", 131072), ((bool)shown["atime"]!, (int)shown["quota"]!, (string?)shown["sync"], (int)shown["recordsize"]!));
    }

    [Fact]
    public async Task A_change_that_fails_changes_nothing()
    {
        var dataset = await Server.AddDatasetAsync("data");
        var chain = await CallAsync("dataset#update", dataset, new() { ["compression"] = true });
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Failed);
        Assert.False((bool)(await ShowAsync(dataset))["compression"]!);
    }

    [Fact]
    public async Task A_dataset_has_what_one_above_it_has_but_for_quotas()
    {
        await SetAsync(await Server.AddDatasetAsync("data"), """{"atime": false, "quota": 64}""");
        await Server.AddDatasetAsync("data/a");
        var below = await Server.AddDatasetAsync("data/a/b");
        var shown = await ShowAsync(below);
        Assert.Equal((false, 0), ((bool)shown["atime"]!, (int)shown["quota"]!));

        await SetAsync(below, """{"atime": true}""");
        Assert.True((bool)(await ShowAsync(below))["atime"]!);
        var chain = await CallAsync("dataset#inherit", below, new() { ["property"] = "atime" });
        var work = await Server.Node.NextAsync(Cancel);
        var input = work.Input.Deserialize(NodeJson.Default.SetDatasetInput)!;
        Assert.Equal((null, "on"), (input.Values["atime"], input.Before["atime"]));
        Server.Node.Succeed(work);
        await Server.WaitForAsync(chain, ChainState.Done);
        Assert.False((bool)(await ShowAsync(below))["atime"]!);
    }

    [Theory]
    [InlineData("dataset#update", """{"recordsize": 5000}""", "recordsize")]
    [InlineData("dataset#update", """{"recordsize": 262144}""", "recordsize")]
    [InlineData("dataset#update", """{"quota": -1}""", "quota")]
    [InlineData("dataset#inherit", """{"property": "mountpoint"}""", "property")]
    [InlineData("dataset#inherit", """{"property": "quota"}""", "property")]
    public async Task What_zfs_would_not_take_is_refused(string action, string input, string parameter)
    {
        var dataset = await Server.AddDatasetAsync("data");
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => CallAsync(action, dataset, (JsonObject)JsonNode.Parse(input)!));
        Assert.Equal([parameter], refused.Errors.Keys);
        Assert.True(Server.Node.IsIdle);
    }

    [Fact]
    public async Task A_choice_that_is_none_is_refused_also_when_the_client_does_not_look()
    {
        var dataset = await Server.AddDatasetAsync("data");
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Server.Url, $"v7.0/datasets/{dataset}"));
        request.Content = new StringContent("""{"dataset": {"sync": "always"}}""", System.Text.Encoding.UTF8, "application/json");
        Api.Authentication.Authenticate(request);
        using var answer = await http.SendAsync(request, Cancel);
        var envelope = (JsonObject)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;
        Assert.False((bool)envelope["status"]!);
        Assert.Equal(["sync"], envelope["errors"]!.AsObject().Select(static e => e.Key));
        Assert.True(Server.Node.IsIdle);
    }

    [Fact]
    public async Task A_pool_can_want_a_reference_quota_of_every_dataset()
    {
        var dataset = await Server.AddDatasetAsync("data");
        var pool = (await Api.CallAsync("pool#update", [Server.Installation.PoolId], new JsonObject { ["refquota_check"] = true }, null, Cancel)).Object;
        Assert.True((bool)pool["refquota_check"]!);
        foreach (var input in (JsonObject[])[new() { ["name"] = "a", ["dataset"] = dataset }, new() { ["name"] = "a", ["dataset"] = dataset, ["refquota"] = 0 }])
            Assert.Equal(["refquota"], (await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("dataset#create", [], input, null, Cancel))).Errors.Keys);
        Assert.Equal(["refquota"], (await Assert.ThrowsAsync<ActionFailedException>(() => CallAsync("dataset#update", dataset, new() { ["refquota"] = 0 }))).Errors.Keys);
        Assert.True(Server.Node.IsIdle);

        await Api.CallAsync("dataset#create", [], new JsonObject { ["name"] = "a", ["dataset"] = dataset, ["refquota"] = 64 }, null, Cancel);
        Assert.Equal(TransactionType.CreateDataset, (await Server.Node.NextAsync(Cancel)).Type);
    }

    [Fact]
    public async Task Only_administrators_see_and_set_nfs_shares()
    {
        var joe = await Server.AddUserAsync("joe");
        var dataset = await Server.AddDatasetAsync("data", joe);
        using var api = await Server.ConnectAsync("joe", "joe-password");
        Assert.False((await api.CallAsync("dataset#show", [dataset], null, null, Cancel)).Object!.ContainsKey("sharenfs"));
        Assert.True((await ShowAsync(dataset)).ContainsKey("sharenfs"));
        await api.CallAsync("dataset#update", [dataset], new JsonObject { ["atime"] = false }, null, Cancel);
        Assert.DoesNotContain("sharenfs", (await Server.Node.NextAsync(Cancel)).Input.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dataset_goes_with_what_is_below_its_snapshots_and_its_backups()
    {
        var root = await Server.AddDatasetAsync("data");
        var below = await Server.AddDatasetAsync("data/a");
        await Server.AddDatasetAsync("data2");
        var snapshot = await Server.AddSnapshotAsync(root, "2026-06-13T23:00:01");
        await Server.AddSnapshotAsync(below, "2026-06-13T23:00:01");
        await Server.AddBackupAsync(root, await Server.AddBackupPoolAsync(), snapshot);

        var chain = await CallAsync("dataset#delete", root, null);
        var order = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var work = await Server.Node.NextAsync(Cancel);
            var input = work.Input.Deserialize(NodeJson.Default.DestroyDatasetInput)!;
            order.Add($"{input.Filesystem}/{input.Dataset}");
            Server.Node.Succeed(work);
        }
        await Server.WaitForAsync(chain, ChainState.Done);

        Assert.Equal(["tank/vps/data/a", "tank/vps/data", "backup/vps/data"], order);
        Assert.Equal(["data2"], await Server.QueryAsync(db => db.Datasets.Select(static d => d.FullName).ToListAsync(Cancel)));
        Assert.Equal((0, 0, 0), await Server.QueryAsync(async db =>
            (await db.Snapshots.CountAsync(Cancel), await db.Branches.CountAsync(Cancel), await db.SnapshotInBranches.CountAsync(Cancel))));
    }

    [Fact]
    public async Task What_was_destroyed_before_a_failure_is_gone_and_the_rest_is_there()
    {
        var root = await Server.AddDatasetAsync("data");
        await Server.AddDatasetAsync("data/a");
        var chain = await CallAsync("dataset#delete", root, null);
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        Server.Node.Fail(await Server.Node.NextAsync(Cancel), "dataset is busy");
        await Server.WaitForAsync(chain, ChainState.Failed);
        var left = await Server.QueryAsync(db => db.Datasets.SingleAsync(Cancel));
        Assert.Equal(("data", Confirmed.Yes), (left.FullName, left.Confirmed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_backup_goes_before_all_that_people_work_in_has_gone(bool locally)
    {
        var root = await Server.AddDatasetAsync("data");
        var below = await Server.AddDatasetAsync("data/a");
        var (snapshot, other) = (await Server.AddSnapshotAsync(root, "2026-06-13T23:00:01"), await Server.AddSnapshotAsync(root, "2026-06-14T23:00:01"));
        var (pool, unsaved) = (await Server.AddBackupPoolAsync(), await Server.AddSnapshotAsync(below, "2026-06-14T23:00:01"));
        await Server.AddBackupAsync(root, pool, snapshot, other);
        await Server.AddBackupAsync(below, pool, await Server.AddSnapshotAsync(below, "2026-06-13T23:00:01"));
        var chain = await CallAsync("dataset#delete", root, null);
        for (var done = 0; done < (locally ? 1 : 2); done++)
            Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        var failing = await Server.Node.NextAsync(Cancel);
        var left = JsonSerializer.SerializeToNode(new SnapshotsLeft([locally ? "2026-06-14T23:00:01" : "2026-06-13T23:00:01"]), NodeJson.Default.SnapshotsLeft);
        Server.Node.Fail(failing, "dataset is busy", left);
        await Server.WaitForAsync(chain, ChainState.Failed);

        Assert.Equal(["data", "data/a"], await Server.QueryAsync(db => db.Datasets.Where(static d => d.Confirmed == Confirmed.Yes).OrderBy(static d => d.Id).Select(static d => d.FullName).ToListAsync(Cancel)));
        var copies = await Server.QueryAsync(db => db.SnapshotInPools.Where(static c => c.Confirmed == Confirmed.Yes).OrderBy(static c => c.Id)
            .Select(static c => $"{c.DatasetInPool.Pool.Filesystem}/{c.Snapshot.Dataset.FullName}@{c.Snapshot.Name.Substring(8, 2)}").ToListAsync(Cancel));
        Assert.Equal(
            locally
                ? ["tank/vps/data@14", "backup/vps/data@13", "backup/vps/data@14", "backup/vps/data/a@13"]
                : ["backup/vps/data@13", "backup/vps/data@14", "backup/vps/data/a@13"],
            copies);
        Assert.False(await Server.QueryAsync(db => db.Snapshots.AnyAsync(s => s.Id == unsaved, Cancel)));
        // What is left can be destroyed, or rolled back to.
        Assert.All(await Server.QueryAsync(db => db.DatasetInPools.ToListAsync(Cancel)), static i => Assert.Equal(Confirmed.Yes, i.Confirmed));
        var again = await CallAsync("dataset#delete", root, null);
        for (var done = 0; done < 4; done++)
            Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(again, ChainState.Done);
        Assert.Equal((0, 0), await Server.QueryAsync(async db => (await db.Datasets.CountAsync(Cancel), await db.Snapshots.CountAsync(Cancel))));
    }

    [Fact]
    public async Task The_root_of_a_vps_stays()
    {
        var dataset = await Server.AddDatasetAsync("7");
        await Server.QueryAsync(async db =>
        {
            db.Vpses.Add(new() { Hostname = "web", UserId = 1, NodeId = Server.Installation.NodeId, DatasetId = dataset, CreatedAt = DateTimeOffset.UtcNow, Confirmed = Confirmed.Yes });
            return await db.SaveChangesAsync(Cancel);
        });
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => CallAsync("dataset#delete", dataset, null));
        Assert.StartsWith("this dataset is the root filesystem of VPS ", refused.ServerMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dataset_is_found_by_its_name_by_who_may_see_it()
    {
        var dataset = await Server.AddDatasetAsync("data/a");
        await Server.AddUserAsync("joe");
        var found = await Api.CallAsync("dataset#find_by_name", [], new JsonObject { ["name"] = "data/a" }, null, Cancel);
        Assert.Equal(dataset, (long)found.Object!["id"]!);
        using var joe = await Server.ConnectAsync("joe", "joe-password");
        var refused = await Assert.ThrowsAsync<ActionFailedException>(
            () => joe.CallAsync("dataset#find_by_name", [], new JsonObject { ["name"] = "data/a" }, null, Cancel));
        Assert.True(refused.IsNotFound);
    }

    [Theory]
    [InlineData(null, 0, "a data")]
    [InlineData(null, 1, "a data data/b")]
    [InlineData("data", 1, "data data/b")]
    [InlineData("data/b", 1, "data/b data/b/c")]
    public async Task A_list_goes_so_deep(string? root, int depth, string expected)
    {
        var ids = new Dictionary<string, long>();
        foreach (var name in new[] { "data", "data/b", "data/b/c", "data/b/c/d", "a" })
            ids[name] = await Server.AddDatasetAsync(name);
        var input = new JsonObject { ["to_depth"] = depth };
        if (root is not null)
            input["dataset"] = ids[root];
        var list = await Api.CallAsync("dataset#index", [], input, null, Cancel);
        Assert.Equal(expected, string.Join(' ', list.List.Select(static d => (string?)d["name"])));
    }

    [Fact]
    public async Task A_new_dataset_gets_its_properties_after_it_was_made()
    {
        var reply = await Api.CallAsync("dataset#create", [], new JsonObject { ["name"] = "data", ["quota"] = 64, ["sync"] = "disabled" }, null, Cancel);
        var create = await Server.Node.NextAsync(Cancel);
        Assert.Equal(64 << 20, create.Input.Deserialize(NodeJson.Default.CreateDatasetInput)!.Quota);
        Server.Node.Succeed(create);
        var set = await Server.Node.NextAsync(Cancel);
        Assert.Equal("disabled", set.Input.Deserialize(NodeJson.Default.SetDatasetInput)!.Values["sync"]);
        Server.Node.Succeed(set);
        await Server.WaitForAsync(reply.ActionStateId!.Value, ChainState.Done);
        var shown = await ShowAsync((long)reply.Object!["id"]!);
        Assert.Equal((64, "disabled"), ((int)shown["quota"]!, (string?)shown["sync"]));
    }

    private async Task<long> CallAsync(string action, long dataset, JsonObject? input) =>
        (await Api.CallAsync(action, [dataset], input, null, Cancel)).ActionStateId!.Value;

    private async Task<JsonObject> ShowAsync(long dataset) => (await Api.CallAsync("dataset#show", [dataset], null, null, Cancel)).Object!;

    private Task<int> SetAsync(long dataset, string properties) => Server.QueryAsync(db =>
        db.Datasets.Where(d => d.Id == dataset).ExecuteUpdateAsync(set => set.SetProperty(static d => d.LocalProperties, properties), Cancel));
}
