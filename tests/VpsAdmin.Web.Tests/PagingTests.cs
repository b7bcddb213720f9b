using Microsoft.Playwright;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

/// <summary>What nodes have done and what files there are becomes much; pages stay small.</summary>
public sealed class PagingTests(Browser browser) : ScriptedNodeTest(browser)
{
    private const int PerPage = 50;

    [Fact]
    public async Task Downloads_come_page_by_page_the_newest_first_and_each_once()
    {
        var (member, dataset) = (await Server.AddUserAsync("member"), await Server.AddDatasetAsync("101"));
        var snapshot = await Server.AddSnapshotAsync(dataset, "2026-11-01T10:00:00");
        await AddDownloadsAsync(snapshot, userId: 1, PerPage);
        await AddDownloadsAsync(snapshot, member, 1);
        await AddDownloadsAsync(snapshot, userId: 1, PerPage);
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/downloads");
        var files = visit.Page.Locator("tbody th a");
        await Expect(files).ToHaveCountAsync(PerPage);
        var first = await files.AllTextContentsAsync();
        Assert.Equal("file-101.gz", first[0]);
        await visit.Link("Older downloads").ClickAsync();
        await Expect(files.First).ToHaveTextAsync("file-51.gz");
        var second = await files.AllTextContentsAsync();
        await visit.Link("Older downloads").ClickAsync();
        await Expect(files).ToHaveTextAsync(["file-1.gz"]);
        await Expect(visit.Link("Older downloads")).ToBeHiddenAsync();
        Assert.Equal(101, first.Concat(second).Append("file-1.gz").Distinct().Count());

        await visit.Link("Newest downloads").ClickAsync();
        await Expect(files.First).ToHaveTextAsync("file-101.gz");
        await using var members = await AsAsync("member", "member-password");
        await members.OpenAsync("/web/downloads");
        await Expect(members.Page.Locator("tbody th a")).ToHaveTextAsync(["file-51.gz"]);
    }

    [Fact]
    public async Task Chains_come_page_by_page_within_what_is_asked_for()
    {
        await AddChainsAsync(PerPage + 1, ChainState.Done);
        await AddChainsAsync(3, ChainState.Failed);
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/chains");
        var chains = visit.Page.Locator("tbody tr");
        await Expect(chains).ToHaveCountAsync(PerPage);
        await Expect(visit.Page.Locator("tbody .badge").First).ToHaveTextAsync("failed");
        await visit.Page.GetByLabel("State").SelectOptionAsync("done");
        await visit.Button("Show").ClickAsync();
        await Expect(visit.Page.Locator("tbody .badge").First).ToHaveTextAsync("done");
        await visit.Link("Older chains").ClickAsync();
        await Expect(chains).ToHaveCountAsync(1);
        await Expect(visit.Page.GetByLabel("State")).ToHaveValueAsync("done");
        await Expect(visit.Link("Older chains")).ToBeHiddenAsync();
        await visit.Link("Newest chains").ClickAsync();
        await Expect(chains).ToHaveCountAsync(PerPage);
        await Expect(visit.Page.GetByLabel("State")).ToHaveValueAsync("done");
    }

    private Task<int> AddDownloadsAsync(long snapshot, long userId, int count) => Server.QueryAsync(async db =>
    {
        for (var i = 0; i < count; i++)
        {
            var download = new SnapshotDownload
            {
                UserId = userId, SnapshotId = snapshot, PoolId = Server.Installation.PoolId, Format = DownloadFormat.Archive, FileName = "", SecretKey = Guid.NewGuid().ToString("n"),
                ExpirationDate = DateTimeOffset.UtcNow.AddDays(7), Confirmed = Confirmed.Yes, Size = 1,
            };
            db.SnapshotDownloads.Add(download);
            await db.SaveChangesAsync(Cancel);
            db.Entry(download).Property(static d => d.FileName).CurrentValue = $"file-{download.Id}.gz";
        }
        return await db.SaveChangesAsync(Cancel);
    });

    private Task<int> AddChainsAsync(int count, ChainState state) => Server.QueryAsync(db =>
    {
        for (var i = 0; i < count; i++)
            db.TransactionChains.Add(new TransactionChain { Name = "snapshot", Label = "Snapshot", UserId = 1, State = state, CreatedAt = DateTimeOffset.UtcNow, UpdatedAt = DateTimeOffset.UtcNow });
        return db.SaveChangesAsync(Cancel);
    });
}
