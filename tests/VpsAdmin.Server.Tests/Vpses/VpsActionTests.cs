using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>What is done to VPSes, over HTTP; the node is the test's.</summary>
public sealed class VpsActionTests : AdministratorTests
{
    protected override Task PrepareAsync() => Server.LetVpsesRunAsync();

    [Fact]
    public async Task A_vps_is_made_with_a_system_and_started()
    {
        var created = await Api.CallAsync("vps#create", [], new JsonObject { ["hostname"] = "web", ["template"] = "busybox", ["memory"] = 512, ["ip_addresses"] = "192.0.2.7/24, 2001:db8::7/64" }, null, Cancel);
        var id = (long)created.Object["id"]!;
        await ExpectAsync(created.ActionStateId, TransactionType.CreateDataset, TransactionType.InstallVps, TransactionType.ConfigureVps, TransactionType.StartVps);
        var vps = await Server.VpsAsync(id);
        Assert.True(vps.IsRunning);
        Assert.Equal(("busybox", 512, "192.0.2.7/24,2001:db8::7/64"), (vps.Template, vps.Memory, vps.IpAddresses));
    }

    [Fact]
    public async Task A_system_that_cannot_be_made_leaves_no_vps()
    {
        var created = await Api.CallAsync("vps#create", [], new JsonObject { ["hostname"] = "web", ["template"] = "busybox" }, null, Cancel);
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        foreach (var type in new[] { TransactionType.InstallVps, TransactionType.CreateDataset })
        {
            var undo = await Server.Node.NextAsync(Cancel);
            Assert.Equal((type, true), (undo.Type, undo.Rollback));
            Server.Node.Succeed(undo);
        }
        await Server.WaitForAsync(created.ActionStateId!.Value, ChainState.Failed);
        Assert.Equal(0, await Server.QueryAsync(static db => db.Vpses.CountAsync()));
    }

    [Theory]
    [InlineData("template", "gentoo", "has no template 'gentoo'")]
    [InlineData("ip_addresses", "192.0.2.7", "is not an address")]
    [InlineData("ip_addresses", "192.0.2.7/24\nlxc.idmap =", "is not an address")]
    public async Task What_cannot_be_is_refused_before_anything_is_made(string name, string value, string error)
    {
        var refused = await Assert.ThrowsAsync<ActionFailedException>(
            () => Api.CallAsync("vps#create", [], new JsonObject { ["hostname"] = "web", ["template"] = "busybox", [name] = value }, null, Cancel));
        Assert.Contains(error, refused.Errors[name].Single(), StringComparison.Ordinal);
        Assert.Equal(0, await Server.QueryAsync(static db => db.Vpses.CountAsync()));
    }

    [Theory]
    [InlineData("start", TransactionType.StartVps, true)]
    [InlineData("stop", TransactionType.StopVps, false)]
    [InlineData("restart", TransactionType.RestartVps, true)]
    public async Task A_vps_is_started_and_stopped(string action, TransactionType type, bool runs)
    {
        var id = await Server.AddVpsAsync(running: !runs);
        await ExpectAsync((await Api.CallAsync("vps#" + action, [id], null, null, Cancel)).ActionStateId, type);
        Assert.Equal(runs, (await Server.VpsAsync(id)).IsRunning);
    }

    [Fact]
    public async Task A_node_that_does_storage_only_says_so()
    {
        var id = await Server.AddVpsAsync();
        await Server.LetVpsesRunAsync(refusal: "There is no program lxc-start; Debian has it in the package lxc.");
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#start", [id], null, null, Cancel));
        Assert.EndsWith("node node1.example.org does not run VPSes: There is no program lxc-start; Debian has it in the package lxc.", refused.Message, StringComparison.Ordinal);
        Assert.True(Server.Node.IsIdle);
    }

    [Fact]
    public async Task A_vps_without_a_system_is_not_started()
    {
        var id = await Server.AddVpsAsync(template: null);
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#start", [id], null, null, Cancel));
        Assert.Contains("has no system", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_chain_at_a_time_works_on_a_vps()
    {
        var id = await Server.AddVpsAsync();
        await Api.CallAsync("vps#stop", [id], null, null, Cancel);
        var locked = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#start", [id], null, null, Cancel));
        Assert.Equal(HttpStatusCode.Locked, locked.HttpStatus);
    }

    [Fact]
    public async Task Somebody_elses_vps_is_not_there()
    {
        var id = await Server.AddVpsAsync();
        await Server.AddUserAsync("alice");
        using var alice = await Server.ConnectAsync("alice", "alice-password");
        foreach (var action in new[] { "start", "stop", "restart", "reinstall" })
            Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<ActionFailedException>(() => alice.CallAsync("vps#" + action, [id], null, null, Cancel))).HttpStatus);
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<ActionFailedException>(() => alice.CallAsync("vps.status#index", [id], null, null, Cancel))).HttpStatus);
    }

    [Fact]
    public async Task Limits_are_an_administrators_and_a_name_is_the_owners()
    {
        var user = await Server.AddUserAsync("alice");
        var id = await Server.AddVpsAsync(userId: user);
        using var alice = await Server.ConnectAsync("alice", "alice-password");
        var changed = await alice.CallAsync("vps#update", [id], new JsonObject { ["hostname"] = "mine" }, null, Cancel);
        Assert.Equal("vps.example.org", (await Server.VpsAsync(id)).Hostname);
        await ExpectAsync(changed.ActionStateId, TransactionType.ConfigureVps);
        Assert.Equal("mine", (await Server.VpsAsync(id)).Hostname);

        await ExpectAsync((await Api.CallAsync("vps#update", [id], new JsonObject { ["memory"] = 256, ["cpu_limit"] = 50, ["process_limit"] = 100 }, null, Cancel)).ActionStateId, TransactionType.ConfigureVps);
        var vps = await Server.VpsAsync(id);
        Assert.Equal((256, 50, 100, "mine"), (vps.Memory, vps.CpuLimit, vps.ProcessLimit, vps.Hostname));
    }

    [Fact]
    public async Task A_vps_that_is_getting_its_first_system_is_not_changed_under_it()
    {
        var id = await Server.AddVpsAsync(running: false, template: null);
        var chain = (await Api.CallAsync("vps#reinstall", [id], new JsonObject { ["template"] = "busybox" }, null, Cancel)).ActionStateId;
        var locked = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#update", [id], new JsonObject { ["hostname"] = "other" }, null, Cancel));
        Assert.Equal(HttpStatusCode.Locked, locked.HttpStatus);
        await ExpectAsync(chain, TransactionType.CreateSnapshot, TransactionType.InstallVps, TransactionType.ConfigureVps);
        Assert.Equal("vps.example.org", (await Server.VpsAsync(id)).Hostname);
    }

    [Fact]
    public async Task A_change_that_failed_changed_nothing()
    {
        var id = await Server.AddVpsAsync();
        var chain = (await Api.CallAsync("vps#update", [id], new JsonObject { ["memory"] = 256 }, null, Cancel)).ActionStateId!.Value;
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Failed);
        Assert.Null((await Server.VpsAsync(id)).Memory);
    }

    /// <summary>Databases of vpsAdmin have histories above the present one (BUG-30): their ids are never given to something else.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 5)]
    public async Task V22_a_reinstalled_vps_has_another_history_and_no_snapshot_changes_its_own(int highest, int expected)
    {
        var id = await Server.AddVpsAsync();
        var dataset = (await Server.VpsAsync(id)).DatasetId!.Value;
        await Server.AddSnapshotAsync(dataset, "2016-06-14T10:00:00");
        await Server.AddSnapshotAsync(dataset, "2016-06-14T11:00:00", highest);

        var chain = (await Api.CallAsync("vps#reinstall", [id], new JsonObject { ["template"] = "debian" }, null, Cancel)).ActionStateId;
        await ExpectAsync(chain, TransactionType.StopVps, TransactionType.CreateSnapshot, TransactionType.InstallVps, TransactionType.ConfigureVps, TransactionType.StartVps);

        var vps = await Server.VpsAsync(id);
        Assert.Equal(("debian", expected, true), (vps.Template, vps.Dataset!.CurrentHistoryId, vps.IsRunning));
        var snapshots = await Server.QueryAsync(static db => db.Snapshots.OrderBy(static s => s.Id).ToListAsync());
        Assert.Equal([(0, null), (highest, null), (0, "before reinstall")], snapshots.Select(static s => (s.HistoryId, s.Label)));
    }

    [Fact]
    public async Task Nobody_else_works_on_the_datasets_below_a_system_that_is_made_anew()
    {
        var id = await Server.AddVpsAsync();
        var below = await Server.AddDatasetAsync($"{id}/data");
        var chain = (await Api.CallAsync("vps#reinstall", [id], null, null, Cancel)).ActionStateId;
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("dataset.snapshot#create", [below], null, null, Cancel));
        Assert.Equal(HttpStatusCode.Locked, refused.HttpStatus);
        await ExpectAsync(chain, TransactionType.StopVps, TransactionType.CreateSnapshot, TransactionType.InstallVps, TransactionType.ConfigureVps, TransactionType.StartVps);
        Assert.Equal(0, (await Server.QueryAsync(db => db.Datasets.SingleAsync(d => d.Id == below))).CurrentHistoryId);
    }

    [Fact]
    public async Task A_deleted_vps_can_be_brought_back_until_it_expires()
    {
        var id = await Server.AddVpsAsync();
        await ExpectAsync((await Api.CallAsync("vps#delete", [id], null, null, Cancel)).ActionStateId, TransactionType.StopVps);
        Assert.Empty((await Api.CallAsync("vps#index", [], null, null, Cancel)).List);
        Assert.Equal("soft_delete", (string?)(await Api.CallAsync("vps#show", [id], null, null, Cancel)).Object["object_state"]);
        Assert.EndsWith("this VPS is deleted", (await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#start", [id], null, null, Cancel))).Message, StringComparison.Ordinal);

        await Api.CallAsync("vps#revive", [id], null, null, Cancel);
        await ExpectAsync((await Api.CallAsync("vps#start", [id], null, null, Cancel)).ActionStateId, TransactionType.StartVps);
    }

    [Fact]
    public async Task Nobody_begins_to_destroy_a_vps_while_it_is_brought_back()
    {
        var id = await Server.AddVpsAsync();
        await ExpectAsync((await Api.CallAsync("vps#delete", [id], null, null, Cancel)).ActionStateId, TransactionType.StopVps);
        await Server.UseAsync<VpsDeletion, Vps>((deletion, db) =>
        {
            // The query is made when the VPS is read: what is read before others are kept out may be of the past.
            Func<bool> othersAreKeptOut = () => db.Database.CurrentTransaction is not null;
            return deletion.ReviveAsync(db.Vpses.Where(v => othersAreKeptOut()), id, Cancel);
        });
        Assert.Equal((VpsState.Active, null), ((await Server.VpsAsync(id)).State, (await Server.VpsAsync(id)).ExpirationDate));
    }

    [Fact]
    public async Task A_vps_that_is_being_destroyed_is_not_brought_back()
    {
        var id = await Server.AddVpsAsync();
        await ExpectAsync((await Api.CallAsync("vps#delete", [id], null, null, Cancel)).ActionStateId, TransactionType.StopVps);
        var chain = (await Api.CallAsync("vps#delete", [id], new JsonObject { ["lazy"] = false }, null, Cancel)).ActionStateId;
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#revive", [id], null, null, Cancel));
        Assert.Contains("this VPS is being destroyed", refused.Message, StringComparison.Ordinal);
        await ExpectAsync(chain, TransactionType.DestroyVps, TransactionType.DestroyDataset);
        Assert.Equal(VpsState.HardDelete, (await Server.VpsAsync(id)).State);
    }

    [Fact]
    public async Task A_vps_without_a_system_is_deleted_at_once_unless_a_chain_has_it()
    {
        var (installed, empty) = (await Server.AddVpsAsync(template: null), await Server.AddVpsAsync(template: null));
        await Api.CallAsync("vps#reinstall", [installed], new JsonObject { ["template"] = "debian" }, null, Cancel);
        Assert.Equal(HttpStatusCode.Locked, (await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("vps#delete", [installed], null, null, Cancel))).HttpStatus);
        Assert.Equal(VpsState.Active, (await Server.VpsAsync(installed)).State);
        Assert.Null((await Api.CallAsync("vps#delete", [empty], null, null, Cancel)).ActionStateId);
        Assert.Equal(VpsState.SoftDelete, (await Server.VpsAsync(empty)).State);
    }

    [Fact]
    public async Task A_destroyed_vps_leaves_its_row_and_nothing_else()
    {
        var id = await Server.AddVpsAsync();
        var dataset = (await Server.VpsAsync(id)).DatasetId!.Value;
        await Server.AddSnapshotAsync(dataset, "2016-06-14T10:00:00");
        await ExpectAsync((await Api.CallAsync("vps#delete", [id], new JsonObject { ["lazy"] = false }, null, Cancel)).ActionStateId, TransactionType.DestroyVps, TransactionType.DestroyDataset);
        var vps = await Server.VpsAsync(id);
        Assert.Equal((VpsState.HardDelete, null, null), (vps.State, vps.DatasetId, vps.Template));
        Assert.Equal(0, await Server.QueryAsync(static db => db.Datasets.CountAsync()));
    }

    [Fact]
    public async Task A_vps_that_has_expired_is_destroyed()
    {
        var (expired, waiting) = (await Server.AddVpsAsync(), await Server.AddVpsAsync());
        foreach (var (id, days) in new[] { (expired, -1), (waiting, 1) })
        {
            await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(static v => v.State, VpsState.SoftDelete).SetProperty(static v => v.ExpirationDate, DateTimeOffset.UtcNow.AddDays(days))));
        }
        await Server.RestartAsync();
        foreach (var type in new[] { TransactionType.DestroyVps, TransactionType.DestroyDataset })
        {
            var work = await Server.Node.NextAsync(Cancel);
            Assert.Equal(type, work.Type);
            Server.Node.Succeed(work);
        }
        await Server.WaitUntilAsync(db => db.Vpses.AnyAsync(v => v.Id == expired && v.State == VpsState.HardDelete));
        Assert.Equal(VpsState.SoftDelete, (await Server.VpsAsync(waiting)).State);
    }

    private async Task ExpectAsync(long? chain, params TransactionType[] types)
    {
        foreach (var type in types)
        {
            var work = await Server.Node.NextAsync(Cancel);
            Assert.Equal((type, false), (work.Type, work.Rollback));
            if (type is TransactionType.CreateSnapshot)
                Server.Node.SucceedSnapshot(work, "2016-06-14T12:00:00", new DateTimeOffset(2016, 6, 14, 12, 0, 0, TimeSpan.Zero));
            else
                Server.Node.Succeed(work);
        }
        await Server.WaitForAsync(chain!.Value, ChainState.Done);
    }
}
