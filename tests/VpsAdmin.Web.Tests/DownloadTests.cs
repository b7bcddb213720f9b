using System.Security.Cryptography;
using Microsoft.Playwright;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

public sealed class DownloadTests(RealServer server, Browser browser) : WebTest(server, browser), IClassFixture<RealServer>
{
    private const string WatchSizes =
        """
        window.sizes = [];
        new MutationObserver(() => {
          const size = document.querySelector('.size')?.firstChild?.textContent.trim();
          if (size && window.sizes.at(-1) !== size) window.sizes.push(size);
        }).observe(document, { subtree: true, childList: true, characterData: true });
        """;

    [Theory]
    [InlineData("Archive")]
    [InlineData("Stream")]
    [InlineData("Incremental stream")]
    public async Task A_file_is_made_followed_and_downloaded(string format)
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("download.example.org");
        await WriteAsync(dataset.Name, "first", 300_000);
        await Server.TakeSnapshotAsync(dataset.Id);
        await WriteAsync(dataset.Name, "second", 200_000);
        var snapshot = await Server.TakeSnapshotAsync(dataset.Id);

        await visit.OpenAsync($"/web/datasets/{dataset.Id}");
        await visit.Page.Locator($"tr[data-snapshot='{snapshot.Id}']").GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync();
        await visit.Page.Locator("label.choice").Filter(new() { Has = visit.Page.Locator("strong", new() { HasTextRegex = new($"^{format}$") }) }).ClickAsync();
        await visit.Button("Make the file").ClickAsync();

        await Expect(visit.Page.GetByText("The file is complete.")).ToBeVisibleAsync();
        var expected = await visit.Page.Locator("code.sum").TextContentAsync();
        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Link("Download the file").ClickAsync());
        await using var file = await download.CreateReadStreamAsync();
        Assert.Equal(expected, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, Cancel)));
        Assert.EndsWith(format switch { "Archive" => ".tar.gz", "Stream" => ".dat.gz", _ => ".inc.dat.gz" }, download.SuggestedFilename, StringComparison.Ordinal);

        var commands = await visit.Page.Locator(".commands").TextContentAsync();
        Assert.Contains($"Save-VpsSnapshot -Id {snapshot.Id}", commands, StringComparison.Ordinal);
        Assert.Contains($"Backup-VpsDataset -Dataset {dataset.Id}", commands, StringComparison.Ordinal);
        Assert.Contains("curl --fail --continue-at -", commands, StringComparison.Ordinal);
        Assert.Equal(format != "Archive", commands!.Contains("Send-VpsSnapshot", StringComparison.Ordinal));
        Assert.Equal(format == "Incremental stream", commands.Contains("-FromSnapshot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Progress_is_seen_to_move_without_loading_the_page_anew()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("moving.example.org");
        await WriteAsync(dataset.Name, "much", 64 << 20);
        var snapshot = await Server.TakeSnapshotAsync(dataset.Id);
        await visit.Page.AddInitScriptAsync(WatchSizes);
        await visit.OpenAsync($"/web/datasets/{dataset.Id}/snapshots/{snapshot.Id}/download");
        await visit.Button("Make the file").ClickAsync();
        await Expect(visit.Heading).ToContainTextAsync("Download of");
        // Its link is there before the file is complete, and nothing but the stream of events brings the rest.
        await Expect(visit.Page.Locator("a[download]")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("The file is complete.")).ToBeVisibleAsync(new() { Timeout = 300_000 });
        var sizes = await visit.Page.EvaluateAsync<string[]>("window.sizes");
        Assert.True(sizes.Length >= 3, string.Join(", ", sizes));
    }

    [Fact]
    public async Task A_download_is_removed_and_its_snapshot_stays()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("removed.example.org");
        var snapshot = await Server.TakeSnapshotAsync(dataset.Id);
        var download = await Server.ExportAsync(snapshot.Id);
        await visit.OpenAsync("/web/downloads");
        await visit.Link(download.FileName!).ClickAsync();
        await visit.Button("Remove the download").ClickAsync();
        await visit.ChainDoneAsync();
        await visit.OpenAsync("/web/downloads");
        await Expect(visit.Link(download.FileName!)).ToHaveCountAsync(0);
        Assert.Single(await Server.Admin.GetSnapshotsAsync(dataset.Id, Cancel));
    }
}
