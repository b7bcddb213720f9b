using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

public sealed class DatasetTests(RealServer server, Browser browser) : WebTest(server, browser), IClassFixture<RealServer>
{
    [Fact]
    public async Task A_snapshot_is_taken_shown_and_deleted()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("taken.example.org");
        await visit.OpenAsync("/web");
        await visit.Page.GetByRole(AriaRole.Region, new() { Name = "Freshness" }).GetByRole(AriaRole.Link, new() { Name = dataset.Name, Exact = true }).ClickAsync();
        await visit.Page.GetByLabel("Label, if you like").FillAsync("before the upgrade <b>");
        await visit.Button("Take a snapshot").ClickAsync();
        await visit.ChainDoneAsync();

        await visit.OpenAsync($"/web/datasets/{dataset.Id}");
        var row = visit.Page.Locator("tr[data-snapshot]");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).ToContainTextAsync("before the upgrade <b>");
        await Expect(row.Locator(".number")).ToContainTextAsync("KiB");
        var snapshot = Assert.Single(await Server.Admin.GetSnapshotsAsync(dataset.Id, Cancel));
        await Expect(row).ToContainTextAsync(snapshot.Name);

        // On a phone what can be done is in sight, too, and a table still is one to those who hear it.
        await visit.Page.SetViewportSizeAsync(320, 640);
        var box = await row.GetByRole(AriaRole.Link, new() { Name = "Delete" }).BoundingBoxAsync();
        Assert.InRange(box!.X + box.Width, 0, 320);
        await Expect(visit.Page.GetByRole(AriaRole.Columnheader, new() { Name = "History" })).ToHaveCountAsync(1);

        await row.GetByRole(AriaRole.Link, new() { Name = "Delete" }).ClickAsync();
        await visit.Button("Delete").ClickAsync();
        await visit.ChainDoneAsync();
        Assert.Empty(await Server.Admin.GetSnapshotsAsync(dataset.Id, Cancel));
    }

    [Fact]
    public async Task The_freshness_board_tells_what_is_used_and_what_one_could_go_back_to()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("fresh.example.org");
        await WriteAsync(dataset.Name, "content", 3 << 20);
        var exported = await Server.TakeSnapshotAsync(dataset.Id);
        await Server.ExportAsync(exported.Id);
        var newest = await Server.TakeSnapshotAsync(dataset.Id);
        var now = DateTimeOffset.UtcNow;
        await Server.QueryAsync(async db =>
        {
            await db.Snapshots.Where(s => s.Id == exported.Id).ExecuteUpdateAsync(set => set.SetProperty(static s => s.CreatedAt, now.AddDays(-20)), Cancel);
            await db.Snapshots.Where(s => s.Id == newest.Id).ExecuteUpdateAsync(set => set.SetProperty(static s => s.CreatedAt, now.AddDays(-3)), Cancel);
            return await db.TransactionChains.Where(c => c.Name == "full_download" && c.Concerns.Any(o => o.RowId == exported.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(static c => c.UpdatedAt, now.AddDays(-10)), Cancel);
        });
        var cells = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Freshness" }).Locator("tbody tr", new() { HasText = "fresh.example.org" }).Locator("td");
        // What the server knows of space may be some seconds old.
        do
            await visit.OpenAsync("/web");
        while (!(await cells.First.TextContentAsync())!.Contains("MiB", StringComparison.Ordinal));
        await Expect(cells.Locator(".badge")).ToHaveTextAsync(["stale", "old"]);
        await Expect(cells.Locator(".age")).ToHaveTextAsync(["3 d ago", "10 d ago"]);
        Assert.Equal([Iso(now.AddDays(-3)), Iso(now.AddDays(-10))], await cells.Locator("time").EvaluateAllAsync<string[]>("times => times.map(time => time.dateTime)"));
    }

    private static string Iso(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_rollback_says_what_it_destroys_before_it_does()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("back.example.org");
        var target = await Server.TakeSnapshotAsync(dataset.Id);
        var lost = await Server.TakeSnapshotAsync(dataset.Id);

        await visit.OpenAsync($"/web/datasets/{dataset.Id}/snapshots/{target.Id}/roll-back");
        await Expect(visit.Page.GetByText("These snapshots will be destroyed for good:")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".problem li")).ToHaveTextAsync([lost.Name]);
        await visit.Button("Roll back").ClickAsync();
        await visit.ChainDoneAsync();
        Assert.Equal(target.Id, Assert.Single(await Server.Admin.GetSnapshotsAsync(dataset.Id, Cancel)).Id);
    }

    [Fact]
    public async Task A_change_of_history_is_seen_at_a_glance()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("history.example.org");
        var target = await Server.TakeSnapshotAsync(dataset.Id);
        var left = await Server.TakeSnapshotAsync(dataset.Id);
        await Server.BackUpAsync(dataset.Id);

        await visit.OpenAsync($"/web/datasets/{dataset.Id}/snapshots/{target.Id}/roll-back");
        await Expect(visit.Page.GetByText("These snapshots go from the dataset and stay in its backup:")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("main li")).ToHaveTextAsync([left.Name]);
        await visit.Button("Roll back").ClickAsync();
        await visit.ChainDoneAsync();
        await Server.TakeSnapshotAsync(dataset.Id);

        await visit.OpenAsync($"/web/datasets/{dataset.Id}");
        var histories = (await Server.HistoriesAsync(dataset.Id)).Select(static h => h.History).ToList();
        Assert.Equal(2, histories.Distinct().Count());
        await Expect(visit.Page.Locator("tr[data-snapshot] .history")).ToHaveTextAsync(histories.AsEnumerable().Reverse().Select(static h => h.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        // How large it was nobody knows any more of what went from the dataset itself.
        await Expect(visit.Page.Locator($"tr[data-snapshot='{left.Id}'] .number")).ToHaveTextAsync("only in a backup");
        await Expect(visit.Page.Locator($"tr[data-snapshot='{target.Id}'] .number")).ToContainTextAsync("KiB");
        await Expect(visit.Page.Locator("tr.change").First).ToContainTextAsync("the dataset was rolled back between them");
        await Expect(visit.Page.Locator("#history-note")).ToBeVisibleAsync();

        // And in the drawing: two lines, one of which leaves the other.
        await Expect(visit.Page.Locator("svg line.lane")).ToHaveCountAsync(2);
        await Expect(visit.Page.Locator("svg path.fork")).ToHaveCountAsync(1);
        await Expect(visit.Page.Locator("svg circle")).ToHaveCountAsync(3);

        // The other history is no base of an increment, and the page says why.
        await visit.OpenAsync($"/web/datasets/{dataset.Id}/snapshots/{left.Id}/download");
        await Expect(visit.Page.Locator("input[name=from_snapshot]:not([disabled])")).ToHaveCountAsync(0);
        await Expect(visit.Page.GetByText("is of another history: the dataset was rolled back between them")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task What_is_known_of_a_dataset_is_not_of_the_copy_that_it_left_behind()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("left.example.org");
        await Server.TakeSnapshotAsync(dataset.Id);
        await Server.QueryAsync(async db =>
        {
            // It went to another node, and its data were left here.
            var node = new VpsAdmin.Server.Data.Node { Name = "node3", DomainName = "node3.example.org", StreamAddress = "node3.example.org:4569" };
            var pool = new Pool { Node = node, Label = "node3", Filesystem = "node3/vps", Role = PoolRole.Hypervisor };
            db.Pools.Add(pool);
            await db.SaveChangesAsync(Cancel);
            return await db.DatasetInPools.Where(i => i.DatasetId == dataset.Id && i.Pool.Role != PoolRole.Backup).ExecuteUpdateAsync(set => set.SetProperty(static i => i.PoolId, pool.Id), Cancel);
        });
        await visit.OpenAsync($"/web/datasets/{dataset.Id}");
        await Expect(visit.Page.Locator("tr[data-snapshot] .number")).ToHaveTextAsync("on another node");
        await Expect(visit.Page.Locator(".facts")).ToContainTextAsync("Used–");
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_on_the_page()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("refused.example.org");
        var snapshot = await Server.TakeSnapshotAsync(dataset.Id);
        await Server.BackUpAsync(dataset.Id);
        await visit.Page.GotoAsync($"/web/datasets/{dataset.Id}/snapshots/{snapshot.Id}/delete");
        await visit.Button("Delete").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("cannot destroy snapshot with backups");
    }
}
