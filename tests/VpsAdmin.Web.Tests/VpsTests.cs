using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using VpsAdmin.Node;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

public sealed class VpsTests(Browser browser) : ScriptedNodeTest(browser)
{
    [Fact]
    public async Task A_VPS_is_started_and_stopped_and_who_looks_on_sees_it()
    {
        var vps = await Server.AddVpsAsync(running: false);
        await using var watcher = await AsAdministratorAsync();
        await watcher.OpenAsync($"/web/vpses/{vps}");
        await Expect(State(watcher)).ToHaveTextAsync("stopped");

        await using var visit = await AsAdministratorAsync();
        await visit.Link("vps.example.org").ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("VPS vps.example.org");
        await Expect(visit.Button("Stop")).ToBeHiddenAsync();
        await visit.Button("Start").ClickAsync();
        await SucceedAsync(TransactionType.StartVps);
        await visit.ChainDoneAsync();
        await Expect(visit.Button("Call it off")).ToBeHiddenAsync();

        // What can be done goes with it.
        await Expect(State(watcher)).ToHaveTextAsync("running");
        await Expect(watcher.Button("Start")).ToBeHiddenAsync();
        await Expect(watcher.Button("Restart")).ToBeVisibleAsync();
        await watcher.Button("Stop").ClickAsync();
        await SucceedAsync(TransactionType.StopVps);
        await watcher.ChainDoneAsync();
        await visit.OpenAsync("/web");
        await Expect(visit.Page.Locator("tr", new() { HasText = "vps.example.org" }).Locator(".badge").First).ToHaveTextAsync("stopped");
    }

    [Fact]
    public async Task Why_a_VPS_cannot_be_started_is_told()
    {
        var vps = await Server.AddVpsAsync(running: false);
        await Server.LetVpsesRunAsync(refusal: "LXC is not installed.");
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync($"/web/vpses/{vps}");
        await visit.Button("Start").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("does not run VPSes: LXC is not installed.");
        Assert.True(Server.Node.IsIdle);
    }

    [Fact]
    public async Task What_has_no_system_is_not_offered_to_be_started()
    {
        var vps = await Server.AddVpsAsync(template: null);
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync($"/web/vpses/{vps}");
        await Expect(State(visit)).ToHaveTextAsync("no system");
        foreach (var name in (string[])["Start", "Restart", "Stop", "Kill"])
            await Expect(visit.Button(name)).ToBeHiddenAsync();
    }

    [Fact]
    public async Task What_is_much_is_shown_page_by_page()
    {
        for (var i = 0; i < 51; i++)
            await Server.AddVpsAsync(template: null);
        await using var visit = await AsAdministratorAsync();
        var vpses = visit.Page.GetByRole(AriaRole.Region, new() { Name = "VPSes" }).Locator("tbody tr");
        var datasets = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Freshness" }).Locator("tbody tr");
        await Expect(vpses).ToHaveCountAsync(50);
        await Expect(datasets).ToHaveCountAsync(50);
        await visit.Link("More VPSes").ClickAsync();
        await Expect(vpses).ToHaveCountAsync(1);
        await Expect(visit.Link("More VPSes")).ToBeHiddenAsync();
        await visit.OpenAsync("/web");
        await visit.Link("More datasets").ClickAsync();
        await Expect(datasets).ToHaveCountAsync(1);
        // By name: after 8 comes 9.
        await Expect(datasets).ToContainTextAsync("9");
        await Expect(datasets).ToContainTextAsync("vps.example.org");
        await Expect(visit.Link("More datasets")).ToBeHiddenAsync();
        await visit.Link("First datasets").ClickAsync();
        await Expect(datasets).ToHaveCountAsync(50);
    }

    [Fact]
    public async Task A_member_has_their_own_and_no_other()
    {
        var own = await Server.AddVpsAsync(userId: await Server.AddUserAsync("member"));
        var other = await Server.AddVpsAsync();
        await using var visit = await AsAsync("member", "member-password");
        await visit.OpenAsync($"/web/vpses/{own}");
        await visit.Button("Restart").ClickAsync();
        await SucceedAsync(TransactionType.RestartVps);
        await visit.ChainDoneAsync();
        Assert.Equal(404, (await visit.Page.GotoAsync($"/web/vpses/{other}"))!.Status);
    }

    [Fact]
    public async Task A_member_says_when_their_VPS_may_be_stopped()
    {
        var own = await Server.AddVpsAsync(template: null, userId: await Server.AddUserAsync("member"));
        var other = await Server.AddVpsAsync(template: null);
        await using var visit = await AsAsync("member", "member-password");
        await visit.OpenAsync($"/web/vpses/{own}");
        await visit.Link("Change the maintenance windows").ClickAsync();

        // From the day on by keyboard alone.
        await visit.Page.GetByLabel("Day of window 1").FocusAsync();
        await TypeAsync(visit, "Sat", "Tab", "22:00", "Tab", "24:00", "Tab", "Sun", "Tab", "00:00", "Tab", "06:00", "Enter");
        await Expect(Windows(visit)).ToContainTextAsync("Sat 22:00-24:00, Sun 00:00-06:00");

        // What is no window is told, and what was filled in is still there.
        await visit.Link("Change the maintenance windows").ClickAsync();
        await visit.Page.GetByLabel("From, of window 2").FillAsync("07:00");
        await visit.Button("Save").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'Sun 07:00-06:00' is not a window");
        await Expect(visit.Page.GetByLabel("From, of window 2")).ToHaveValueAsync("07:00");

        await visit.Page.GetByLabel("Day of window 2").SelectOptionAsync("");
        await visit.Page.GetByLabel("From, of window 2").ClearAsync();
        await visit.Page.GetByLabel("To, of window 2").ClearAsync();
        await visit.Button("Save").ClickAsync();
        await Expect(Windows(visit)).ToContainTextAsync("Sat 22:00-24:00");
        Assert.Equal("Sat 22:00-24:00", (await Server.VpsAsync(own)).MaintenanceWindows);
        Assert.Equal(404, (await visit.Page.GotoAsync($"/web/vpses/{other}/maintenance"))!.Status);
    }

    [Fact]
    public async Task A_VPS_with_a_system_has_its_windows_changed_by_a_chain()
    {
        var vps = await Server.AddVpsAsync();
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync($"/web/vpses/{vps}/maintenance");
        await visit.Page.GetByLabel("Day of window 1").SelectOptionAsync("Mon");
        await visit.Page.GetByLabel("From, of window 1").FillAsync("01:00");
        await visit.Page.GetByLabel("To, of window 1").FillAsync("05:00");
        await visit.Button("Save").ClickAsync();
        await SucceedAsync(TransactionType.ConfigureVps);
        await visit.ChainDoneAsync();
        await visit.OpenAsync($"/web/vpses/{vps}");
        await Expect(Windows(visit)).ToContainTextAsync("Mon 01:00-05:00");
    }

    [Fact]
    public async Task A_plan_that_is_cancelled_leaves_where_it_is_what_has_not_begun()
    {
        await Server.AddNodeAsync();
        await Server.AddVpsAsync(template: null);
        await Server.AddVpsAsync(template: null);
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/admin/migration-plans");
        foreach (var box in await visit.Page.Locator("input[name=vps]").AllAsync())
            await box.CheckAsync();
        await visit.Page.Locator("select[name=dst_node]").SelectOptionAsync("node2.example.org");
        await visit.Page.GetByLabel("How many at a time").FillAsync("1");
        await visit.Button("Make the plan").ClickAsync();
        await visit.Button("Start").ClickAsync();
        var work = await Server.Node.NextAsync(Cancel);
        await visit.Button("Cancel what has not begun").ClickAsync();
        await Expect(State(visit)).ToHaveTextAsync("cancelling");

        Server.Node.Fail(work);
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Expect(State(visit)).ToHaveTextAsync("cancelled");
        await Expect(visit.Page.Locator("tbody .badge")).ToHaveTextAsync(["error", "cancelled"]);
        Assert.Equal(2, await Server.QueryAsync(db => db.Vpses.CountAsync(v => v.NodeId == Server.Installation.NodeId)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dataset_is_not_offered_to_be_rolled_back_while_its_VPS_moves(bool byOwner)
    {
        var target = await Server.AddNodeAsync();
        var vps = await Server.AddVpsAsync(userId: byOwner ? await Server.AddUserAsync("member") : 1);
        var dataset = (await Server.VpsAsync(vps)).DatasetId!.Value;
        var snapshot = await Server.AddSnapshotAsync(dataset, "2016-06-14T10:00:00");
        using var api = await Server.ConnectAsAdministratorAsync();
        await api.CallAsync("vps#migrate", [vps], new JsonObject { ["node"] = target }, null, Cancel);

        await using var visit = byOwner ? await AsAsync("member", "member-password") : await AsAdministratorAsync();
        await visit.OpenAsync($"/web/datasets/{dataset}/snapshots/{snapshot}/roll-back");
        await Expect(visit.Page.Locator(".note")).ToHaveTextAsync("Not now: something is being done to this dataset. Migrate VPS. Come back when it has ended.");
        await Expect(visit.Button("Roll back")).ToBeHiddenAsync();
        if (byOwner)
        {
            await Expect(visit.Link("Migrate VPS")).ToBeHiddenAsync();
            return;
        }
        await visit.Link("Migrate VPS").ClickAsync();
        await Expect(visit.Heading).ToContainTextAsync("Migrate VPS");
    }

    private static ILocator State(Visit visit) => visit.Page.Locator(".state .badge");

    private static ILocator Windows(Visit visit) => visit.Page.Locator(".facts div", new() { HasText = "May be stopped for its node's sake" });

    private static async Task TypeAsync(Visit visit, params string[] keys)
    {
        foreach (var key in keys)
            await (key is "Tab" or "Enter" ? visit.Page.Keyboard.PressAsync(key) : visit.Page.Keyboard.TypeAsync(key));
    }

    private async Task SucceedAsync(TransactionType type)
    {
        var work = await Server.Node.NextAsync(Cancel);
        Assert.Equal(type, work.Type);
        Server.Node.Succeed(work);
    }
}
