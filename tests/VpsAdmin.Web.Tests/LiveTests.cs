using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

/// <summary>Parts of pages that the server makes anew while somebody reads, presses and waits.</summary>
public sealed class LiveTests(Browser browser) : ScriptedNodeTest(browser)
{
    /// <summary>Pages without the mend never load; the machine may have much else to do.</summary>
    private const float Long = 60_000;

    [Fact]
    public async Task Tabs_that_nobody_looks_at_keep_no_connection_from_others_and_catch_up()
    {
        var vps = await Server.AddVpsAsync(running: false);
        await using var visit = await AsAdministratorAsync();
        var tabs = new List<IPage>();
        for (var i = 0; i < 3; i++)
        {
            tabs.Add(await visit.Page.Context.NewPageAsync());
            await tabs[i].GotoAsync("/web");
            await SeenAsync(tabs[i], false);
        }
        await visit.Page.GotoAsync("/web/chains", new() { Timeout = Long });
        await Expect(visit.Page.GetByText("There is no such chain.")).ToBeVisibleAsync();

        using var api = await Server.ConnectAsAdministratorAsync();
        await api.CallAsync("vps#start", [vps], null, null, Cancel);
        await Expect(visit.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(tabs[1].GetByText("Nothing is going on.")).ToBeVisibleAsync();
        await SeenAsync(tabs[1], true);
        await Expect(tabs[1].Locator(".running li")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task What_changes_leaves_where_somebody_is_as_it_was()
    {
        var (first, vps) = (await Server.AddVpsAsync(), await Server.AddVpsAsync());
        await using var visit = await AsAdministratorAsync();
        await visit.Page.SetViewportSizeAsync(320, 640);
        var table = visit.Page.GetByRole(AriaRole.Group, new() { Name = "VPSes" });
        await table.FocusAsync();
        await table.EvaluateAsync("table => { table.scrollLeft = 150; window.link = table.querySelector('tr:last-child th a'); }");

        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == vps).ExecuteUpdateAsync(static set => set.SetProperty(static v => v.IsRunning, false), Cancel));
        await Expect(table.Locator(".badge")).ToHaveTextAsync(["running", "stopped"]);
        Assert.Equal(150, await table.EvaluateAsync<int>("table => table.scrollLeft"));
        await Expect(table).ToBeFocusedAsync();

        // And a link stays that of the same VPS where one in front of it goes.
        await visit.Page.EvaluateAsync("window.link.focus()");
        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == first).ExecuteDeleteAsync(Cancel));
        await Expect(table.Locator("tbody tr")).ToHaveCountAsync(1);
        Assert.Equal($"/web/vpses/{vps}", await visit.Page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
    }

    [Fact]
    public async Task A_chain_that_comes_is_listed_in_front_and_goes_on_in_the_list()
    {
        var vps = await Server.AddVpsAsync(running: false);
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/chains");
        using var api = await Server.ConnectAsAdministratorAsync();
        await api.CallAsync("vps#start", [vps], null, null, Cancel);
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        var rows = visit.Page.Locator("tbody tr");
        await Expect(rows.Locator(".badge")).ToHaveTextAsync(["done"]);
        var first = rows.GetByRole(AriaRole.Link, new() { Name = "Start VPS" });
        await first.FocusAsync();
        var address = await first.GetAttributeAsync("href");

        await api.CallAsync("vps#restart", [vps], null, null, Cancel);
        await Expect(rows.Locator(".badge")).ToHaveTextAsync(["queued", "done"]);
        Assert.Equal(address, await visit.Page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
        await Expect(rows.First).ToContainTextAsync("Restart the VPS");
        await Expect(rows.First).ToContainTextAsync($"{(await Server.Node.NextAsync(Cancel)).Queue}, {Server.Installation.DomainName}");
    }

    /// <summary>Headless browsers show all their tabs.</summary>
    private static async Task SeenAsync(IPage page, bool seen) => await page.EvaluateAsync(
        "seen => { Object.defineProperty(document, 'visibilityState', { value: seen ? 'visible' : 'hidden', configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }", seen);
}
