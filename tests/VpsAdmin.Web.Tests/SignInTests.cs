using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

public sealed class SignInTests(RealServer server, Browser browser) : WebTest(server, browser), IClassFixture<RealServer>
{
    [Fact]
    public async Task Who_has_not_signed_in_is_asked_to_and_goes_on_where_they_wanted_to()
    {
        await using var visit = await VisitAsync();
        await visit.OpenAsync("/web/chains?state=done");
        await Expect(visit.Heading).ToHaveTextAsync("Sign in");

        await visit.Page.GetByLabel("User").FillAsync("admin");
        await visit.Page.GetByLabel("Password").FillAsync("not the password");
        await visit.Button("Sign in").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("User or password is wrong.");

        await visit.Page.GetByLabel("Password").FillAsync(Server.AdminPassword);
        await visit.Button("Sign in").ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("Transaction chains");
        Assert.EndsWith("/web/chains?state=done", visit.Page.Url, StringComparison.Ordinal);

        await visit.Button("Sign out").ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("Sign in");
        await visit.OpenAsync("/web");
        await Expect(visit.Heading).ToHaveTextAsync("Sign in");
    }

    [Fact]
    public async Task Nobody_is_sent_to_another_site_after_signing_in()
    {
        await using var visit = await VisitAsync();
        await visit.Page.GotoAsync("/web/sign-in?to=https%3A%2F%2Fevil.example.org%2Fweb%2F");
        await visit.Page.GetByLabel("User").FillAsync("admin");
        await visit.Page.GetByLabel("Password").FillAsync(Server.AdminPassword);
        await visit.Button("Sign in").ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("Overview");
    }

    [Fact]
    public async Task A_code_is_asked_for_where_there_is_a_device()
    {
        await using var visit = await VisitAsync();
        var password = await AddUserAsync("careful");
        var totp = await AddDeviceAsync("careful", password);

        await visit.SignInAsync("careful", password);
        await visit.Page.GetByLabel("Code of your device").FillAsync("000000");
        await visit.Button("Go on").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The code is wrong.");

        // No code is good twice: the next one, which a device a little fast already shows.
        await visit.Page.GetByLabel("Code of your device").FillAsync(totp.ComputeTotp(DateTime.UtcNow.AddSeconds(30)));
        await visit.Button("Go on").ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("Overview");
    }

    [Fact]
    public async Task Who_guesses_has_to_wait_here_and_at_the_API()
    {
        await using var visit = await VisitAsync();
        await AddUserAsync("guessed");
        await visit.Page.GotoAsync("/web/sign-in");
        // Waits end while a slow machine makes pages, and the next is longer. The API alone would let five failures pass.
        using var http = new HttpClient();
        var atTheApi = 0;
        do
        {
            await GuessUntilSlowedAsync(visit);
            Assert.InRange(++atTheApi, 1, 4);
        }
        while (await GuessAtTheApiAsync(http) != HttpStatusCode.TooManyRequests);
    }

    private static async Task GuessUntilSlowedAsync(Visit visit)
    {
        IResponse reply;
        do
        {
            await visit.Page.GetByLabel("User").FillAsync("guessed");
            await visit.Page.GetByLabel("Password").FillAsync("not the password");
            reply = await visit.Page.RunAndWaitForResponseAsync(() => visit.Button("Sign in").ClickAsync(), static r => r.Request.Method == "POST");
            await reply.FinishedAsync();
            await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        }
        while (reply.Status == 200);
        Assert.Equal(429, reply.Status);
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Too many failed logins");
    }

    private async Task<HttpStatusCode> GuessAtTheApiAsync(HttpClient http)
    {
        using var request = new StringContent("""{"token":{"user":"guessed","password":"not the password","lifetime":"fixed"}}""", System.Text.Encoding.UTF8, "application/json");
        using var reply = await http.PostAsync(new Uri(Server.Url, "_auth/token/tokens"), request, Cancel);
        return reply.StatusCode;
    }

    [Fact]
    public async Task A_form_that_another_site_sends_is_refused()
    {
        Server.Require();
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "password", ["user"] = "admin", ["password"] = Server.AdminPassword });
        using var forged = await http.PostAsync(new Uri(Server.Url, "web/sign-in"), form, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.False(forged.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(static c => c.StartsWith("vpsadmin-session", StringComparison.Ordinal)));

        // Nor with the login of somebody who is signed in: their cookie goes along, the form's token is missing.
        await using var visit = await AsAdministratorAsync();
        var cookie = (await visit.Page.Context.CookiesAsync()).Single(static c => c.Name == "vpsadmin-session");
        Assert.True(cookie is { HttpOnly: true, SameSite: SameSiteAttribute.Lax });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server.Url, "web/sessions"));
        request.Headers.Add("Cookie", $"{cookie.Name}={cookie.Value}");
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "create", ["name"] = "forged", ["lifetime"] = "permanent", ["scope"] = "all" });
        using var reply = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        await visit.OpenAsync("/web/sessions");
        await Expect(visit.Page.Locator("input[name=label][value=forged]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_session_that_is_revoked_is_at_its_end()
    {
        await using var visit = await AsAdministratorAsync();
        await using var other = await AsAdministratorAsync();
        await other.OpenAsync("/web/sessions");
        await Expect(other.Page.Locator("tr[data-session]").Filter(new() { HasText = "web" })).Not.ToHaveCountAsync(0);
        foreach (var id in (await Server.QueryAsync(static db => Task.FromResult(db.UserSessions.Where(static s => s.AuthType == "web" && s.ClosedAt == null).Select(static s => s.Id).ToList()))))
            await Server.Admin.Api.CallAsync("user_session#close", [id], null, null, Cancel);

        await visit.OpenAsync("/web");
        await Expect(visit.Heading).ToHaveTextAsync("Sign in");
    }

    [Fact]
    public async Task What_belongs_to_others_is_not_there()
    {
        var dataset = await RootOfNewVpsAsync("theirs.example.org");
        var password = await AddUserAsync("stranger");
        await using var visit = await VisitAsync();
        await visit.SignInAsync("stranger", password);
        await Expect(visit.Page.GetByText("There is no dataset.")).ToBeVisibleAsync();

        Assert.Equal(404, (await visit.Page.GotoAsync($"/web/datasets/{dataset.Id}"))!.Status);
        await Expect(visit.Heading).ToHaveTextAsync("There is no such page");
        Assert.Equal(403, (await visit.Page.GotoAsync("/web/admin"))!.Status);
        Assert.Equal(404, (await visit.Page.GotoAsync("/web/nonsense"))!.Status);
    }

    [Fact]
    public async Task Pages_say_what_browsers_may_do_with_them()
    {
        Server.Require();
        using var http = new HttpClient();
        using var reply = await http.GetAsync(new Uri(Server.Url, "web/sign-in"), Cancel);
        Assert.Contains("default-src 'none'", Assert.Single(reply.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True(reply.Headers.CacheControl is { NoStore: true });
        Assert.DoesNotContain(reply.Headers, static h => h.Key == "Access-Control-Allow-Origin");
        Assert.DoesNotContain("style=", await reply.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }
}
