using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OtpNet;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Accounts.OAuth;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Accounts;

/// <summary>Logging in through a browser, from the page to the end of the session, with the module's own client.</summary>
public sealed class OAuthLoginTests : IAsyncLifetime
{
    private static readonly (string, string)[] Joe = [("user", "joe"), ("password", "joe-password")];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 13, 12, 0, 0, TimeSpan.Zero));
    private RunningServer _server = null!;
    private long _joe;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(_time);
        _joe = await _server.AddUserAsync("joe");
        await RegisterAsync("module", "http://127.0.0.1/");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_modules_client_logs_in_refreshes_and_logs_out()
    {
        using var browser = new LoginBrowser(Joe);
        using var api = await ConnectAsync(browser);
        Assert.Equal("joe", (string?)(await api.CallAsync("user#current", [], null, null, Cancel)).Object["login"]);
        await browser.Browsing;

        var session = await SessionAsync();
        Assert.Equal(("oauth2", "Module", "all", null), (session.AuthType, session.Label, session.Scope, session.ClosedAt));
        var listed = Assert.Single((await api.CallAsync("user_session#index", [], new JsonObject { ["state"] = "open" }, null, Cancel)).List);
        Assert.Equal(("oauth2", "renewable_manual"), ((string?)listed["auth_type"], (string?)listed["token_lifetime"]));

        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("joe", (string?)(await api.CallAsync("user#current", [], null, null, Cancel)).Object["login"]);

        await api.LogoutAsync(Cancel);
        Assert.NotNull((await SessionAsync()).ClosedAt);
    }

    [Fact]
    public async Task A_page_cannot_be_framed_cached_or_sent_from_elsewhere()
    {
        using var browser = new LoginBrowser();
        await browser.BrowseAsync(Authorize(), Cancel);
        var page = Assert.Single(browser.Pages);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self' http://127.0.0.1:4711;", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal(("DENY", "nosniff", "no-referrer"), (One(page, "X-Frame-Options"), One(page, "X-Content-Type-Options"), One(page, "Referrer-Policy")));
        Assert.True(page.Headers.CacheControl!.NoStore);
        var cookie = Assert.Single(page.Headers.GetValues("Set-Cookie"));
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);

        // Right password, without the cookie: the page is shown anew, and nobody is logged in.
        var fields = await LoginBrowser.HiddenAsync(page, Cancel);
        (fields["user"], fields["password"]) = ("joe", "joe-password");
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var form = new FormUrlEncodedContent(fields);
        using var reply = await http.PostAsync(new Uri(_server.Url, OAuthEndpoints.Authorize), form, Cancel);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.False(await _server.QueryAsync(db => db.UserSessions.AnyAsync(Cancel)));
    }

    [Fact]
    public async Task What_a_client_calls_itself_is_text_on_the_page()
    {
        await RegisterAsync("evil", "https://evil.example.org/", "<script>alert(1)</script>");
        using var browser = new LoginBrowser();
        await browser.BrowseAsync(Authorize("evil", "https://evil.example.org/", state: "\"><script>"), Cancel);
        var html = await browser.Pages[0].Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_with_a_device_is_asked_for_its_code()
    {
        var secret = Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20));
        await _server.QueryAsync(async db =>
        {
            db.TotpDevices.Add(new TotpDevice { UserId = _joe, Label = "phone", Secret = secret, Confirmed = true, Enabled = true, CreatedAt = _time.GetUtcNow() });
            return await db.SaveChangesAsync(Cancel);
        });
        var code = new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(_time.GetUtcNow().UtcDateTime);
        using var browser = new LoginBrowser(Joe, [("totp", "000000")], [("totp", code)]);
        using var api = await ConnectAsync(browser);
        await browser.Browsing;
        Assert.Equal("joe", (string?)(await api.CallAsync("user#current", [], null, null, Cancel)).Object["login"]);
        Assert.Contains("Code of your device", await browser.Pages[1].Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("The code is wrong.", await browser.Pages[2].Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain("joe-password", await browser.Pages[1].Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passwords_cannot_be_guessed_at_leisure()
    {
        (string, string)[] wrong = [("user", "joe"), ("password", "guess")];
        using var browser = new LoginBrowser(wrong, wrong, wrong, wrong, wrong, Joe);
        await browser.BrowseAsync(Authorize(), Cancel);
        Assert.Contains("User or password is wrong.", await browser.Pages[1].Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, browser.Pages[^1].StatusCode);
        Assert.NotNull(browser.Pages[^1].Headers.RetryAfter);
        Assert.Null(browser.Left);
    }

    [Theory]
    [InlineData("decline", null, "access_denied")]
    [InlineData(null, "dataset", "invalid_scope")]
    [InlineData(null, "openid", "invalid_scope")]
    public async Task What_is_refused_is_told_to_the_client(string? button, string? scope, string error)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        Uri? left;
        if (button is null)
        {
            using var reply = await http.GetAsync(Authorize(scope: scope), Cancel);
            left = reply.Headers.Location;
        }
        else
        {
            using var browser = new LoginBrowser([(button, "1")]);
            await browser.BrowseAsync(Authorize(scope: scope), Cancel, goOn: false);
            left = browser.Left;
        }
        Assert.Equal("http://127.0.0.1:4711/", left!.GetLeftPart(UriPartial.Path));
        var query = HttpUtility.ParseQueryString(left.Query);
        Assert.Equal((error, "st"), (query["error"], query["state"]));
    }

    [Theory]
    [InlineData("nobody", "http://127.0.0.1:4711/", true)]
    [InlineData("module", "http://127.0.0.1:4711/other", true)]
    [InlineData("module", "https://evil.example.org/", true)]
    [InlineData("module", "http://127.0.0.1:4711/", false)]
    public async Task A_client_that_is_unknown_or_without_pkce_gets_no_page(string client, string redirect, bool challenge)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var reply = await http.GetAsync(Authorize(client, redirect, challenge: challenge), Cancel);
        Assert.DoesNotContain("<form", await reply.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
    }

    [Fact]
    public async Task A_narrow_scope_stays_narrow_in_either_header_and_two_tokens_are_one_too_many()
    {
        using var browser = new LoginBrowser(Joe);
        SavedOAuthLogin? saved = null;
        using var api = await ConnectAsync(browser, "user_session#index", login => saved = login);
        using var http = new HttpClient { BaseAddress = _server.Url };
        foreach (var header in new[] { "Authorization", "X-HaveAPI-OAuth2-Token" })
        {
            Assert.Equal(200, await StatusAsync("/v7.0/user_sessions", header));
            Assert.Equal(403, await StatusAsync("/v7.0/datasets", header));
        }
        Assert.Equal(400, await StatusAsync("/v7.0/user_sessions", "Authorization", "X-HaveAPI-OAuth2-Token"));
        Assert.Equal("user_session#index", (await SessionAsync()).Scope);

        async Task<int> StatusAsync(string path, params string[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            foreach (var header in headers)
            {
                if (header == "Authorization")
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", saved!.AccessToken);
                else
                    request.Headers.Add(header, saved!.AccessToken);
            }
            using var reply = await http.SendAsync(request, Cancel);
            return (int)reply.StatusCode;
        }
    }

    [Fact]
    public async Task A_session_that_is_closed_ends_access_and_refresh()
    {
        using var browser = new LoginBrowser(Joe);
        using var api = await ConnectAsync(browser);
        using var other = await _server.ConnectAsync("joe", "joe-password");
        await other.CallAsync("user_session#close", [(await SessionAsync()).Id], null, null, Cancel);

        await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("user#current", [], null, null, Cancel));
        _time.Advance(TimeSpan.FromMinutes(20));
        var refused = await Assert.ThrowsAsync<OAuthFailedException>(() => api.CallAsync("user#current", [], null, null, Cancel));
        Assert.Equal("invalid_grant", refused.Error);
    }

    [Fact]
    public async Task Logins_outlive_a_restart_of_the_server()
    {
        using var browser = new LoginBrowser(Joe);
        SavedOAuthLogin? saved = null;
        (await ConnectAsync(browser, changed: login => saved = login)).Dispose();
        await browser.Browsing;
        await _server.RestartAsync();

        using var api = await HaveApiClient.ConnectAsync(_server.Url, OAuthAuthentication.Restore(new("module"), saved!), new() { Time = _time }, null, Cancel);
        Assert.Equal("joe", (string?)(await api.CallAsync("user#current", [], null, null, Cancel)).Object["login"]);
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("joe", (string?)(await api.CallAsync("user#current", [], null, null, Cancel)).Object["login"]);
    }

    [Fact]
    public async Task What_has_expired_is_cleared_away_and_its_session_closed()
    {
        using var browser = new LoginBrowser(Joe);
        using var api = await ConnectAsync(browser);
        var scopes = _server.Services.GetRequiredService<IServiceScopeFactory>();
        _time.Advance(TimeSpan.FromDays(13));
        await OAuthPruning.PruneAsync(scopes, _time, Cancel);
        Assert.Null((await SessionAsync()).ClosedAt);
        _time.Advance(TimeSpan.FromDays(3));
        await OAuthPruning.PruneAsync(scopes, _time, Cancel);
        Assert.NotNull((await SessionAsync()).ClosedAt);
        Assert.Equal(0, await _server.QueryAsync(db => db.Set<OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken>().CountAsync(Cancel)));
    }

    private async Task<HaveApiClient> ConnectAsync(LoginBrowser browser, string? scope = null, Action<SavedOAuthLogin>? changed = null) => await HaveApiClient.ConnectAsync(
        _server.Url, OAuthAuthentication.Authorize(new("module", Scope: scope), browser.OpenAsync, changed), new() { Time = _time }, null, Cancel);

    private Task<UserSession> SessionAsync() => _server.QueryAsync(db => db.UserSessions.SingleAsync(static s => s.AuthType == "oauth2", Cancel));

    private Task<int> RegisterAsync(string id, string redirect, string name = "Module") => _server.QueryAsync(async db =>
    {
        await new OAuthClients(db).AddAsync(new(id, name, [new Uri(redirect)], null), Cancel);
        return 0;
    });

    private Uri Authorize(string client = "module", string redirect = "http://127.0.0.1:4711/", string? scope = null, string state = "st", bool challenge = true)
    {
        var query = HttpUtility.ParseQueryString("response_type=code");
        (query["client_id"], query["redirect_uri"], query["state"]) = (client, redirect, state);
        if (challenge)
            (query["code_challenge"], query["code_challenge_method"]) = ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S256");
        if (scope is not null)
            query["scope"] = scope;
        return new Uri(_server.Url, $"{OAuthEndpoints.Authorize}?{query}");
    }

    private static string One(HttpResponseMessage reply, string header) => Assert.Single(reply.Headers.GetValues(header));
}
