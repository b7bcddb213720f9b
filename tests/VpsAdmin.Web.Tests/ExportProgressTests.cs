using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

/// <summary>An export while it waits, grows and fails, step by step as the test's node has it.</summary>
public sealed class ExportProgressTests(Browser browser) : ScriptedNodeTest(browser)
{
    private const string FullPool = "cannot create '/tank/vps/download/101': out of space (/usr/sbin/zfs)";

    [Fact]
    public async Task It_says_what_is_before_it_and_what_is_there_of_the_file()
    {
        var (first, _) = await ExportAsync("101");
        var (second, file) = await ExportAsync("102");
        var (before, work) = (await Server.Node.NextAsync(Cancel), await Server.Node.NextAsync(Cancel));
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync($"/web/downloads/{second}");
        await Expect(visit.Page.Locator(".state")).ToContainTextAsync($"It waits in the queue {work.Queue} of node1.example.org; 1 before it.");
        await Expect(visit.Page.Locator("a[download]")).ToHaveCountAsync(0);

        Server.Node.SucceedDownload(before, 1 << 20);
        await Expect(visit.Page.Locator(".state")).ToContainTextAsync("The file is being made.");
        await Expect(visit.Page.Locator("a[download]")).ToHaveCountAsync(0);
        await GrowAsync(file, 1 << 20);
        await Expect(visit.Link("Download what is there so far")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".size")).ToHaveTextAsync("1 MiB");

        Server.Node.SucceedDownload(work, 1 << 20);
        await Expect(visit.Link("Download the file")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".state")).ToContainTextAsync("The file is complete.");
        await visit.OpenAsync($"/web/downloads/{first}");
        await Expect(visit.Page.Locator(".state")).ToContainTextAsync("The file is complete.");
    }

    [Fact]
    public async Task A_press_on_its_link_is_not_lost_when_the_file_grows_meanwhile()
    {
        var (download, file) = await ExportAsync("101");
        await Server.Node.NextAsync(Cancel);
        await GrowAsync(file, 1 << 20);
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync($"/web/downloads/{download}");
        var link = visit.Link("Download what is there so far");
        await link.HoverAsync();
        await visit.Page.Mouse.DownAsync();
        await GrowAsync(file, 1 << 20);
        await Expect(visit.Page.Locator(".size")).ToHaveTextAsync("2 MiB");
        var pressed = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.Mouse.UpAsync(), new() { Timeout = 60_000 });
        Assert.Equal("101__2026-11-01T10-00-00.tar.gz", pressed.SuggestedFilename);
    }

    [Fact]
    public async Task Why_it_could_not_be_made_is_told_in_plain_words()
    {
        var member = await Server.AddUserAsync("member");
        var (download, _) = await ExportAsync("101", member);
        var work = await Server.Node.NextAsync(Cancel);
        await using var visit = await AsAsync("member", "member-password");
        await visit.OpenAsync($"/web/downloads/{download}");
        await Expect(visit.Page.Locator(".state")).ToContainTextAsync("The file is being made.");
        Server.Node.Fail(work, FullPool);
        await Expect(visit.Page.Locator(".problem")).ToHaveTextAsync("The pool is full.");
        await Expect(visit.Page.Locator(".state")).ToContainTextAsync("The file could not be made.");

        // With the end of its chain the download is gone; why is not.
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Expect(visit.Page.GetByText("What was done for it:")).ToBeVisibleAsync();
        await visit.OpenAsync($"/web/downloads/{download}");
        await Expect(visit.Page.Locator(".problem")).ToHaveTextAsync("The pool is full.");
        var chain = await visit.Page.Locator("[data-live] a").GetAttributeAsync("href");
        await visit.OpenAsync(chain!);
        await Expect(visit.Page.Locator("tr.error")).ToHaveTextAsync("The pool is full.");
        await Expect(visit.Page.Locator("tbody tr").First).ToContainTextAsync(work.Queue);
        await visit.OpenAsync("/web/chains");
        await Expect(visit.Page.Locator("tbody tr")).ToContainTextAsync("The pool is full.");
        await Expect(visit.Page.Locator("tbody tr")).ToContainTextAsync($"{work.Queue}, node1.example.org");
        await Expect(visit.Page.GetByText("/usr/sbin/zfs")).ToHaveCountAsync(0);

        // What the node itself said is for administrators.
        await using var administrator = await AsAdministratorAsync();
        await administrator.OpenAsync(chain!);
        await Expect(administrator.Page.Locator("tr.error p")).ToHaveTextAsync("The pool is full.");
        await Expect(administrator.Page.Locator("tr.error pre")).ToHaveTextAsync(FullPool);
        await administrator.OpenAsync($"/web/downloads/{download}");
        await Expect(administrator.Page.Locator(".problem p")).ToHaveTextAsync("The pool is full.");
        await Expect(administrator.Page.Locator(".problem pre")).ToHaveTextAsync(FullPool);
    }

    [Fact]
    public async Task What_nobody_has_words_for_is_not_passed_over()
    {
        var (download, _) = await ExportAsync("101", await Server.AddUserAsync("member"));
        Server.Node.Fail(await Server.Node.NextAsync(Cancel), "gzip ended with status 3");
        await Server.Node.NextAsync(Cancel);
        await using var visit = await AsAsync("member", "member-password");
        await visit.OpenAsync($"/web/downloads/{download}");
        await Expect(visit.Page.Locator(".problem")).ToHaveTextAsync("The node could not do it. An administrator sees what it said.");
    }

    [Fact]
    public async Task A_file_that_grows_on_another_node_can_be_had_from_there_and_says_so()
    {
        var (download, _) = await ExportAsync("101");
        await Server.Node.NextAsync(Cancel);
        var far = await Server.AddNodeAsync();
        await Server.QueryAsync(async db =>
        {
            var pool = await db.Pools.Where(p => p.NodeId == far).Select(static p => p.Id).SingleAsync(Cancel);
            return await db.SnapshotDownloads.ExecuteUpdateAsync(set => set.SetProperty(static d => d.PoolId, pool).SetProperty(static d => d.Size, 2048), Cancel);
        });
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync($"/web/downloads/{download}");
        await Expect(visit.Page.Locator(".size")).ToHaveTextAsync("it grows on another node of about 2 GiB before compression");
        await Expect(visit.Link("Download what is there so far")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mail_goes_to_whoever_wants_it(bool wanted)
    {
        await Server.QueryAsync(static db => db.Users.ExecuteUpdateAsync(static set => set.SetProperty(static u => u.Email, "admin@example.org"), Cancel));
        var dataset = await Server.AddDatasetAsync("101");
        var snapshot = await Server.AddSnapshotAsync(dataset, "2026-11-01T10:00:00");
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync($"/web/datasets/{dataset}/snapshots/{snapshot}/download");
        await visit.Page.GetByLabel("Tell me by mail when it is ready").SetCheckedAsync(wanted);
        await visit.Button("Make the file").ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("Download of dataset 101");
        TransactionType[] expected = wanted ? [TransactionType.DownloadSnapshot, TransactionType.SendMail] : [TransactionType.DownloadSnapshot];
        Assert.Equal(expected, await Server.QueryAsync(static db => db.Transactions.OrderBy(static t => t.Position).Select(static t => t.Type).ToListAsync(Cancel)));
    }

    /// <summary>There is a way for mail. Nobody goes it: the node is the test's.</summary>
    protected override ServerOptions Configure(ServerOptions options) => options with { Mail = new("127.0.0.1", 25, "vpsAdmin <noreply@example.org>", RequireTls: false) };

    /// <summary>Of the snapshot of a new dataset.</summary>
    private async Task<(long Id, string File)> ExportAsync(string dataset, long userId = 1)
    {
        var snapshot = await Server.AddSnapshotAsync(await Server.AddDatasetAsync(dataset, userId), "2026-11-01T10:00:00");
        var download = (await Server.CreateDownloadAsync(snapshot, ownedBy: userId)).Value;
        return (download.Id, Path.Combine(Server.DownloadFolder, download.SecretKey, download.FileName));
    }

    private static async Task GrowAsync(string file, int bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await using var grown = File.Open(file, FileMode.Append);
        await grown.WriteAsync(new byte[bytes], Cancel);
    }
}
