using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>The cluster, its places, its users and its plans, over HTTP.</summary>
public sealed class ClusterResourceTests : AdministratorTests
{
    [Fact]
    public async Task A_node_stands_in_a_location_of_an_environment()
    {
        var node = Assert.Single(await ListAsync("node#index"));
        var location = Assert.Single(await ListAsync("location#index"));
        var environment = Assert.Single(await ListAsync("environment#index"));
        Assert.Equal((long)location["id"]!, (long)node["location"]!["id"]!);
        Assert.Equal((long)environment["id"]!, (long)location["environment"]!["id"]!);
        Assert.Equal("example.org", (string?)environment["domain"]);

        await Server.AddUserAsync("joe");
        using var joe = await Server.ConnectAsync("joe", "joe-password");
        Assert.False((await joe.CallAsync("location#show", [(long)location["id"]!], null, null, Cancel)).Object!.ContainsKey("domain"));
    }

    [Fact]
    public async Task Everybody_may_count_users_and_only_administrators_the_rest()
    {
        await Server.AddUserAsync("joe");
        await Server.AddDatasetAsync("101");
        using var joe = await Server.ConnectAsync("joe", "joe-password");
        Assert.Equal(2, (int)(await joe.CallAsync("cluster#public_stats", [], null, null, Cancel)).Object!["user_count"]!);
        Assert.Equal(1, (int)(await Api.CallAsync("cluster#full_stats", [], null, null, Cancel)).Object!["dataset_count"]!);
        await Assert.ThrowsAnyAsync<HaveApiException>(() => joe.CallAsync("cluster#full_stats", [], null, null, Cancel));
    }

    [Fact]
    public async Task Administrators_add_users_who_can_log_in()
    {
        var made = await Api.CallAsync("user#create", [], new JsonObject { ["login"] = "joe", ["password"] = "correct horse", ["email"] = "joe@example.org" }, null, Cancel);
        Assert.Equal(("joe", 1), ((string?)made.Object!["login"], (int)made.Object["level"]!));
        Assert.False(made.Object.ContainsKey("password"));
        using var joe = await Server.ConnectAsync("joe", "correct horse");
        await Assert.ThrowsAnyAsync<HaveApiException>(() => joe.CallAsync("user#create", [], new JsonObject { ["login"] = "eve", ["password"] = "correct horse" }, null, Cancel));

        var refused = await Assert.ThrowsAsync<ActionFailedException>(
            () => Api.CallAsync("user#create", [], new JsonObject { ["login"] = "joe", ["password"] = "correct horse" }, null, Cancel));
        Assert.Equal("is taken", refused.Errors["login"].Single());
    }

    [Fact]
    public async Task V24_BUG_32_a_migration_plan_is_made_filled_and_deleted()
    {
        var vps = await AddVpsAsync();
        var plan = (await Api.CallAsync("migration_plan#create", [], new JsonObject { ["reason"] = "upgrade", ["concurrency"] = 2 }, null, Cancel)).Object!;
        Assert.Equal(("staged", true, true, 2, "upgrade"), ((string?)plan["state"], (bool)plan["stop_on_error"]!, (bool)plan["send_mail"]!, (int)plan["concurrency"]!, (string?)plan["reason"]));
        var id = (long)plan["id"]!;
        // V24: each migration says it, the plan does not.
        Assert.False(plan.ContainsKey("cleanup_data"));
        var input = new JsonObject { ["vps"] = vps, ["dst_node"] = await Server.AddNodeAsync(), ["cleanup_data"] = false };
        var migration = (await Api.CallAsync("migration_plan.vps_migration#create", [id], input, null, Cancel)).Object!;
        Assert.Equal(("queued", true, false), ((string?)migration["state"], (bool)migration["maintenance_window"]!, (bool)migration["cleanup_data"]!));
        // BUG-32
        var shown = (await Api.CallAsync("migration_plan.vps_migration#show", [id, (long)migration["id"]!], null, null, Cancel)).Object!;
        Assert.Equal(vps, (long)shown["vps"]!["id"]!);
        var again = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("migration_plan.vps_migration#create", [id], (JsonObject)input.DeepClone(), null, Cancel));
        Assert.Equal("is already in a migration plan", again.Errors["vps"].Single());

        await Api.CallAsync("migration_plan#delete", [id], null, null, Cancel);
        Assert.Empty(await ListAsync("migration_plan#index"));
    }

    [Theory]
    [InlineData("outage_window", false)]
    [InlineData("maintenance_window", false)]
    [InlineData(null, true)]
    public async Task BUG_11_the_window_can_be_switched_off_by_its_old_name_too(string? name, bool expected)
    {
        var vps = await AddVpsAsync();
        var plan = (await Api.CallAsync("migration_plan#create", [], null, null, Cancel)).Object!;
        var input = new JsonObject { ["vps"] = vps, ["dst_node"] = await Server.AddNodeAsync() };
        if (name is not null)
            input[name] = false;
        var migration = (await Api.CallAsync("migration_plan.vps_migration#create", [(long)plan["id"]!], input, null, Cancel)).Object!;
        Assert.Equal(expected, (bool)migration["maintenance_window"]!);
    }

    private async Task<long> AddVpsAsync()
    {
        var dataset = await Server.AddDatasetAsync("7");
        return await Server.QueryAsync(async db =>
        {
            var vps = new Vps { Hostname = "web", UserId = 1, NodeId = Server.Installation.NodeId, DatasetId = dataset, CreatedAt = DateTimeOffset.UtcNow, Confirmed = Confirmed.Yes };
            db.Vpses.Add(vps);
            await db.SaveChangesAsync(Cancel);
            return vps.Id;
        });
    }

    private async Task<IReadOnlyList<JsonObject>> ListAsync(string action) => (await Api.CallAsync(action, [], null, null, Cancel)).List;
}
