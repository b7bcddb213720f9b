using System.Globalization;
using Microsoft.Playwright;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

/// <summary>What administrators are shown of nodes, of what the server does by itself, and of what people are sent.</summary>
public sealed class AdministrationPageTests(Browser browser) : ScriptedNodeTest(browser)
{
    [Fact]
    public async Task Nodes_with_pools_and_queues_plans_and_letters_are_shown()
    {
        await Server.AddBackupPoolAsync();
        await Server.CreateDownloadAsync(await Server.AddSnapshotAsync(await Server.AddDatasetAsync("101"), "2026-11-01T10:00:00"));
        var work = await Server.Node.NextAsync(Cancel);
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/admin");
        var node = Server.Installation.DomainName;
        await Expect(Rows(visit, $"Pools of {node}").Filter(new() { HasText = RunningServer.Pool })).ToContainTextAsync("hypervisor");
        await Expect(Rows(visit, $"Pools of {node}").Filter(new() { HasText = "backup/vps" })).ToContainTextAsync("backup");
        var queue = Server.Options.Queues.Single(q => q.Name == work.Queue);
        await Expect(Row(visit, $"Queues of {node}", queue.Name).Locator("td")).ToHaveTextAsync(["1", queue.Concurrency.ToString(CultureInfo.InvariantCulture)]);
        await Expect(Row(visit, "Daily plans", "Snapshots of all datasets").Locator("code")).ToHaveTextAsync("0 0 1 * * ?");
        await Expect(Row(visit, "Daily plans", "Snapshots of all datasets").Locator("time")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(" 01:00$"));
        await Expect(Row(visit, "Daily plans", "Backups to all backup pools")).ToContainTextAsync("does not run");

        await visit.Link("Mail templates").ClickAsync();
        var letter = visit.Page.GetByRole(AriaRole.Region, new() { Name = "snapshot_download_ready" });
        await Expect(letter).ToContainTextAsync("is ready for download");
        await Expect(letter.Locator("pre")).ToContainTextAsync("<url>");
    }

    protected override ServerOptions Configure(ServerOptions options) => options with { Plans = options.Plans with { Snapshots = "0 0 1 * * ?" } };

    private static ILocator Rows(Visit visit, string table) => visit.Page.GetByRole(AriaRole.Group, new() { Name = table, Exact = true }).Locator("tbody tr");

    private static ILocator Row(Visit visit, string table, string header) => Rows(visit, table).Filter(new() { Has = visit.Page.GetByRole(AriaRole.Rowheader, new() { Name = header, Exact = true }) });
}
