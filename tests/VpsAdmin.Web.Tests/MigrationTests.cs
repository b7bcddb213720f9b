using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

/// <summary>VPSes that move to another node, over TLS and by <c>zfs send</c>. They have no system, so there is nothing to stop and start.</summary>
public sealed class MigrationTests(RealServer server, Browser browser) : WebTest(server, browser), IClassFixture<RealServer>
{
    [Fact]
    public async Task A_plan_is_made_started_and_watched_to_its_end()
    {
        await using var visit = await AsAdministratorAsync();
        await using var far = await FarNode.StartAsync(Server);
        var moves = await RootOfNewVpsAsync("moves.example.org");
        var moved = await RootOfNewVpsAsync("moves-too.example.org");
        var stays = await RootOfNewVpsAsync("stays.example.org");
        await WriteAsync(moves.Name, "kept", 1 << 20);

        await visit.OpenAsync("/web/admin/migration-plans");
        await visit.Page.GetByLabel("moves.example.org").CheckAsync();
        await visit.Page.GetByLabel("moves-too.example.org").CheckAsync();
        await visit.Page.Locator("select[name=dst_node]").SelectOptionAsync(await OwnNodeAsync());
        await visit.Button("Make the plan").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("To: moves.example.org, moves-too.example.org is there already");

        await visit.Page.Locator("select[name=dst_node]").SelectOptionAsync("far.example.org");
        await visit.Page.GetByLabel("How many at a time").FillAsync("1");
        await visit.Page.GetByLabel("Tell the owners by mail").UncheckAsync();
        await visit.Button("Make the plan").ClickAsync();
        await Expect(visit.Page.GetByText("0 of 2 VPSes have moved.")).ToBeVisibleAsync();
        await Expect(visit.Button("Cancel what has not begun")).ToBeHiddenAsync();

        // From here on nothing but the stream of events changes the page.
        await visit.Button("Start").ClickAsync();
        await Expect(visit.Page.GetByText("2 of 2 VPSes have moved.")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".state .badge")).ToHaveTextAsync("done");
        await Expect(visit.Page.Locator("tbody .badge")).ToHaveTextAsync(["done", "done"]);
        await Expect(visit.Button("Start")).ToBeHiddenAsync();
        await Expect(visit.Button("Cancel what has not begun")).ToBeHiddenAsync();

        Assert.True(await Server.Zfs.ExistsAsync($"{FarNode.Hypervisor(Server)}/{moves.Name}", Cancel));
        Assert.True(await Server.Zfs.ExistsAsync($"{FarNode.Hypervisor(Server)}/{moved.Name}", Cancel));
        Assert.False(await Server.Zfs.ExistsAsync($"{Server.Filesystem}/{moves.Name}", Cancel));
        Assert.True(await Server.Zfs.ExistsAsync($"{Server.Filesystem}/{stays.Name}", Cancel));
        await visit.OpenAsync("/web");
        var rows = visit.Page.GetByRole(AriaRole.Region, new() { Name = "VPSes" }).Locator("tbody tr");
        await Expect(rows.Filter(new() { HasText = "far.example.org" })).ToHaveCountAsync(2);

        // What was sent from node to node is drawn.
        await visit.Link("Charts").ClickAsync();
        var drawing = visit.Page.Locator("figure", new() { HasText = "How fast nodes sent to each other" });
        await Expect(drawing.Locator(".key")).ToHaveTextAsync([$"{await OwnNodeAsync()} → far.example.org"]);
        Assert.True(await drawing.Locator("[role=img] path.dot").CountAsync() >= 2);
    }

    private Task<string> OwnNodeAsync() => Server.QueryAsync(db => db.Nodes.Where(n => n.Id == Server.Installation.NodeId).Select(static n => n.DomainName).SingleAsync(Cancel));
}
