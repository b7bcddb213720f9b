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
}
