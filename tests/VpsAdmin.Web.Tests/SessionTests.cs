using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

public sealed class SessionTests(Browser browser) : ScriptedNodeTest(browser)
{
    [Fact]
    public async Task An_administrator_has_their_own_sessions_before_them_and_sees_which_is_this_one()
    {
        await Server.AddUserAsync("member");
        await using var member = await AsAsync("member", "member-password");
        using var script = await Server.ConnectAsAdministratorAsync();
        await using var visit = await AsAdministratorAsync();
        await visit.OpenAsync("/web/sessions");
        var sessions = visit.Page.Locator("tr[data-session]");
        await Expect(sessions).ToHaveCountAsync(2);
        await Expect(sessions.Filter(new() { HasText = "this browser" })).ToHaveCountAsync(1);

        // It is: whoever revokes it is out.
        await sessions.Filter(new() { HasText = "this browser" }).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("Sign in");
        await member.OpenAsync("/web/sessions");
        await Expect(member.Page.Locator("tr[data-session]")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Who_is_suspended_makes_no_token()
    {
        var member = await Server.AddUserAsync("member");
        await Server.QueryAsync(db => db.Users.Where(u => u.Id == member).ExecuteUpdateAsync(static set => set.SetProperty(static u => u.State, UserState.Suspended), Cancel));
        await using var visit = await AsAsync("member", "member-password");
        await visit.OpenAsync("/web/sessions");
        await visit.Page.Locator("input[name=name]").FillAsync("nightly");
        await visit.Button("Create the token").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This account is suspended.");
        Assert.False(await Server.QueryAsync(static db => db.UserSessions.AnyAsync(static s => s.Label == "nightly", Cancel)));
    }

    [Fact]
    public async Task A_form_that_is_too_old_is_told_of_and_leads_to_a_new_one()
    {
        await using var visit = await VisitAsync();
        var other = await visit.Page.Context.NewPageAsync();
        await other.GotoAsync("/web/sign-in?to=%2Fweb%2Fchains");
        var password = await AdministratorsPasswordAsync();
        await visit.SignInAsync("admin", password);
        await Expect(visit.Heading).ToHaveTextAsync("Overview");

        // Its token is of nobody, and the browser is somebody's now.
        await SignInAsync(other, password);
        await Expect(other.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("This form is too old");
        await other.GetByRole(AriaRole.Link, new() { Name = "Load the page anew" }).ClickAsync();
        await SignInAsync(other, password);
        await Expect(other.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Transaction chains");
    }

    private static async Task SignInAsync(IPage page, string password)
    {
        await page.GetByLabel("User").FillAsync("admin");
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }
}
