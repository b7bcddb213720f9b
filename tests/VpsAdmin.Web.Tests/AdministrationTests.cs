using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Server.Samples;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

public sealed class AdministrationTests(RealServer server, Browser browser) : WebTest(server, browser), IClassFixture<RealServer>
{
    [Fact]
    public async Task A_token_for_a_script_is_shown_once_and_works_until_it_is_revoked()
    {
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/sessions");
        await visit.Page.Locator("input[name=name]").FillAsync("nightly");
        await visit.Page.Locator("input[name=scope]").FillAsync("user#current dataset#index");
        await visit.Button("Create the token").ClickAsync();
        var token = (await visit.Page.Locator("code.token").TextContentAsync())!;
        await Expect(visit.Page.Locator("#new-token")).ToContainTextAsync($"Connect-VpsAdmin -Uri {Server.Url.AbsoluteUri.TrimEnd('/')} -Token");

        using (var script = await HaveApiClient.ConnectAsync(Server.Url, TokenAuthentication.Use(token), null, null, Cancel))
            await script.CallAsync("dataset#index", Array.Empty<long>(), null, null, Cancel);

        await visit.OpenAsync("/web/sessions");
        await Expect(visit.Page.Locator("code.token")).ToHaveCountAsync(0);
        var row = visit.Page.Locator("tr[data-session]").Filter(new() { Has = visit.Page.Locator("input[value=nightly]") });
        await row.Locator("input[name=label]").FillAsync("weekly");
        await row.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        row = visit.Page.Locator("tr[data-session]").Filter(new() { Has = visit.Page.Locator("input[value=weekly]") });
        await row.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        Assert.False(await Server.QueryAsync(static db => db.AuthTokens.AnyAsync(static t => t.Session!.Label == "weekly")));
    }

    [Fact]
    public async Task Chains_are_listed_filtered_and_looked_into()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("chains.example.org");
        var snapshot = await Server.TakeSnapshotAsync(dataset.Id);
        await visit.OpenAsync("/web/chains");
        await visit.Page.GetByLabel("About").SelectOptionAsync("Snapshot");
        await visit.Page.GetByLabel("Its number").FillAsync(snapshot.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await visit.Button("Show").ClickAsync();
        await Expect(visit.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await visit.Page.Locator("tbody th a").ClickAsync();
        await Expect(visit.Heading).ToContainTextAsync("Snapshot");
        await Expect(visit.Page.Locator("tbody tr")).ToContainTextAsync(["Take the snapshot"]);
        await visit.ChainDoneAsync();
    }

    [Fact]
    public async Task What_goes_on_is_seen_on_the_overview_as_it_comes_and_goes()
    {
        await using var visit = await AsAdministratorAsync();
        await Expect(visit.Page.GetByText("Nothing is going on.")).ToBeVisibleAsync();
        await visit.Page.EvaluateAsync("window.seen = false; new MutationObserver(() => { if (document.querySelector('.running li')) window.seen = true; }).observe(document.querySelector('[data-live]'), { childList: true, subtree: true });");
        var dataset = await RootOfNewVpsAsync("seen.example.org");
        await WriteAsync(dataset.Name, "much", 32 << 20);
        await Server.ExportAsync((await Server.TakeSnapshotAsync(dataset.Id)).Id);
        await Expect(visit.Page.GetByText("Nothing is going on.")).ToBeVisibleAsync();
        Assert.True(await visit.Page.EvaluateAsync<bool>("window.seen"));
    }

    [Fact]
    public async Task A_migration_plan_is_made_of_chosen_VPSes()
    {
        await using var visit = await AsAdministratorAsync();
        await RootOfNewVpsAsync("stays.example.org");
        await RootOfNewVpsAsync("moves.example.org");
        await Server.QueryAsync(static db =>
        {
            var node = new VpsAdmin.Server.Data.Node { Name = "node2", DomainName = "node2.example.org", StreamAddress = "node2.example.org:4569" };
            db.Pools.Add(new() { Node = node, Label = "node2", Filesystem = "node2/vps", Role = VpsAdmin.Server.Data.PoolRole.Hypervisor });
            return db.SaveChangesAsync(Cancel);
        });
        await visit.OpenAsync("/web/admin");
        await visit.Link("Migration plans").ClickAsync();
        await visit.Page.Locator("select[name=dst_node]").SelectOptionAsync("node2.example.org");
        await visit.Button("Make the plan").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("VPSes that move: choose one or more");

        await visit.Page.GetByLabel("moves.example.org").CheckAsync();
        await visit.Page.Locator("select[name=dst_node]").SelectOptionAsync("node2.example.org");
        await visit.Page.GetByLabel("Reason").FillAsync("new disks");
        await visit.Page.GetByLabel("Tell the owners by mail").UncheckAsync();
        await visit.Button("Make the plan").ClickAsync();
        await Expect(visit.Heading).ToContainTextAsync("Migration plan");
        await Expect(visit.Page.Locator(".facts")).ToContainTextAsync("new disks");
        await Expect(visit.Page.Locator("tbody tr")).ToContainTextAsync(["moves.example.org"]);

        await visit.Button("Delete the plan").ClickAsync();
        await Expect(visit.Page.GetByText("There is no plan.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_user_is_added_and_what_is_wrong_is_told()
    {
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/admin/users");
        await visit.Page.GetByLabel("Login").FillAsync("admin");
        await visit.Page.GetByLabel("Password").FillAsync("long enough");
        await visit.Button("Add").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Login: is taken");
        // The field is tied to it.
        await Expect(visit.Page.GetByLabel("Login")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(visit.Page.GetByLabel("Login")).ToHaveAccessibleDescriptionAsync("Login: is taken");
        await visit.Page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(visit.Page.GetByLabel("Login")).ToBeFocusedAsync();
        await visit.Page.GetByLabel("Login").FillAsync("carol");
        await visit.Page.GetByLabel("Password").FillAsync("long enough");
        await visit.Button("Add").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Rowheader, new() { Name = "carol" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_user_is_changed_and_a_lost_device_taken_away()
    {
        var password = await AddUserAsync("dave");
        await AddDeviceAsync("dave", password);
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/admin/users");
        await visit.Link("dave").ClickAsync();
        await visit.Page.GetByLabel("E-mail").FillAsync("dave@example.org");
        await visit.Page.GetByLabel("Level").SelectOptionAsync("support");
        await visit.Button("Save").ClickAsync();
        await Expect(visit.Page.GetByLabel("E-mail")).ToHaveValueAsync("dave@example.org");
        await visit.Page.GetByLabel("E-mail").FillAsync("");
        await visit.Page.GetByLabel("State").SelectOptionAsync("suspended");
        await visit.Button("Save").ClickAsync();
        await Expect(visit.Page.GetByLabel("E-mail")).ToHaveValueAsync("");
        var user = await Server.QueryAsync(static db => db.Users.AsNoTracking().SingleAsync(static u => u.Login == "dave", Cancel));
        Assert.Equal((null, 21, VpsAdmin.Server.Data.UserState.Suspended), (user.Email, user.Level, user.State));

        await visit.Button("Remove phone").ClickAsync();
        await Expect(visit.Page.GetByText("There is no device: the password alone lets them in.")).ToBeVisibleAsync();
        await visit.Page.Locator("tr[data-session]").GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(visit.Page.GetByText("They are not signed in anywhere.")).ToBeVisibleAsync();
        Assert.False(await Server.QueryAsync(db => db.AuthTokens.AnyAsync(t => t.UserId == user.Id, Cancel)));
    }

    [Fact]
    public async Task Nobody_takes_rights_from_themselves()
    {
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/admin/users/1");
        await visit.Page.GetByLabel("Level").SelectOptionAsync("member");
        await visit.Button("Save").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("nobody takes rights from themselves");
        await Expect(visit.Page.GetByLabel("Level")).ToHaveValueAsync("1");
    }

    [Fact]
    public async Task An_action_of_the_API_is_called_from_its_documentation()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("explored.example.org");
        await visit.OpenAsync("/web/api");
        await visit.Page.Locator("a[href='/web/api/dataset%23show']").ClickAsync();
        await visit.Page.GetByLabel("dataset_id").FillAsync(dataset.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await visit.Button("Call").ClickAsync();
        var reply = JsonNode.Parse((await visit.Page.Locator("#reply").TextContentAsync())!)!;
        Assert.Equal(dataset.Name, reply["dataset"]!["name"]!.GetValue<string>());

        await visit.Page.GetByLabel("dataset_id").FillAsync("9999");
        await visit.Button("Call").ClickAsync();
        await Expect(visit.Page.Locator("#reply")).ToHaveTextAsync("object not found");
    }

    [Fact]
    public async Task Space_is_sampled_and_drawn()
    {
        await using var visit = await AsAdministratorAsync();
        var dataset = await RootOfNewVpsAsync("sampled.example.org");
        // What the server knows of space may be some seconds old.
        while (!await Server.QueryAsync(db => db.SpaceSamples.AnyAsync(s => s.DatasetId == dataset.Id && s.Available > 0)))
        {
            await Server.UseAsync<SpaceSampler, int>(static async sampler =>
            {
                await sampler.TakeAsync(Cancel);
                return 0;
            });
        }
        Assert.Equal(2, await Server.QueryAsync(static db => db.SpaceSamples.Where(static s => s.PoolId != null).Select(static s => s.PoolId).Distinct().CountAsync()));
        await visit.OpenAsync("/web/charts");
        await Expect(visit.Page.GetByRole(AriaRole.Img, new() { NameRegex = new("Space used on pools") })).ToBeVisibleAsync();

        // And of the dataset, also for those who see no drawing.
        var drawing = visit.Page.Locator("figure", new() { HasText = "Space used by datasets" });
        await Expect(drawing.Locator("figcaption")).ToContainTextAsync(dataset.Name);
        await drawing.GetByText("Values as a table").ClickAsync();
        await Expect(drawing.GetByRole(AriaRole.Columnheader, new() { Name = dataset.Name, Exact = true })).ToBeVisibleAsync();
        await Expect(drawing.Locator("tbody tr").First).ToContainTextAsync("KiB");
    }

    [Fact]
    public async Task A_browser_that_comes_to_the_bare_address_gets_the_pages()
    {
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/");
        await Expect(visit.Heading).ToHaveTextAsync("Overview");
    }
}
