using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Authentication;

public sealed class OAuthTests
{
    private const string TokenPath = "POST /_auth/oauth2/token";
    private const string RevokePath = "POST /_auth/oauth2/revoke";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly OAuthClient Client = new("powershell");

    [Fact]
    public async Task The_browser_is_sent_to_the_server_and_the_code_it_brings_back_is_changed_for_tokens()
    {
        await using var server = await StartAsync();
        server.On(TokenPath, Tokens("access", "refresh", "899.298253052")).On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));
        using var browser = new Browser(q => $"?code=c0de&state={q["state"]}");
        var told = new List<SavedOAuthLogin>();

        using var api = await ConnectAsync(server, OAuthAuthentication.Authorize(Client, browser.OpenAsync, told.Add), At(Start));
        await api.CallAsync("shelf#index", [], null, null, Cancel);

        Assert.Equal($"{server.Address}_auth/oauth2/authorize", browser.Shown.GetLeftPart(UriPartial.Path));
        Assert.Equal(("code", "powershell", "S256"), (browser.Query["response_type"], browser.Query["client_id"], browser.Query["code_challenge_method"]));
        var form = Form(server);
        Assert.Equal(("authorization_code", "c0de", browser.Query["redirect_uri"]), (form["grant_type"], form["code"], form["redirect_uri"]));
        Assert.Equal(browser.Query["code_challenge"], Challenge(form["code_verifier"]!));
        Assert.Equal("access", server.Received[^1].Headers["X-Fixture-OAuth2"]);
        Assert.False(server.Received[^1].Headers.ContainsKey("Authorization"));
        // Fractions of a second are how HaveAPI says it.
        var saved = Assert.Single(told);
        Assert.Equal(("access", "refresh", Start.AddSeconds(899.298253052)), (saved.AccessToken, saved.RefreshToken, saved.ExpiresAt));
        Assert.DoesNotContain("refresh", saved.ToString());
        Assert.Equal([HttpStatusCode.OK], await browser.Statuses);
    }

    [Fact]
    public async Task A_client_with_a_secret_says_it_by_basic_authentication()
    {
        await using var server = await StartAsync();
        server.On(TokenPath, Tokens("access", "refresh", "900"));
        using var browser = new Browser(q => $"?code=c0de&state={q["state"]}");

        using var api = await ConnectAsync(server, OAuthAuthentication.Authorize(Client with { ClientSecret = "hush" }, browser.OpenAsync));

        Assert.Equal("Basic " + Convert.ToBase64String("powershell:hush"u8), server.Received.First(r => r.Method == "POST").Headers["Authorization"]);
        Assert.DoesNotContain("hush", browser.Shown.ToString());
    }

    [Fact]
    public async Task What_other_pages_make_the_browser_ask_is_not_our_answer()
    {
        await using var server = await StartAsync();
        server.On(TokenPath, Tokens("access", null, "900"));
        using var browser = new Browser(_ => "?code=evil&state=guess", _ => "?code=evil", q => $"favicon.ico?code=x&state={q["state"]}", q => $"?code=c0de&state={q["state"]}");

        using var api = await ConnectAsync(server, OAuthAuthentication.Authorize(Client, browser.OpenAsync));

        Assert.Equal("c0de", Form(server)["code"]);
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.OK], await browser.Statuses);
    }

    [Fact]
    public async Task A_user_who_refuses_ends_the_login()
    {
        await using var server = await StartAsync();
        using var browser = new Browser(q => $"?error=access_denied&error_description=no&state={q["state"]}");

        var e = await Assert.ThrowsAsync<OAuthFailedException>(() => ConnectAsync(server, OAuthAuthentication.Authorize(Client, browser.OpenAsync)));

        Assert.Equal("access_denied", e.Error);
        Assert.DoesNotContain(server.Received, r => r.Method == "POST");
    }

    [Fact]
    public async Task A_browser_that_never_comes_back_is_not_waited_for_without_end()
    {
        await using var server = await StartAsync();
        var time = new TimeThatTells(TimeSpan.FromMinutes(10));

        var connecting = ConnectAsync(
            server, OAuthAuthentication.Authorize(Client, (_, _) => Task.CompletedTask), new HaveApiClientOptions { Time = time });
        await Task.WhenAny(time.Waited, connecting).WaitAsync(Cancel);
        time.Advance(TimeSpan.FromMinutes(10));

        await Assert.ThrowsAsync<ApiUnreachableException>(() => connecting);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_for_the_browser()
    {
        await using var server = await StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task Open(Uri address, CancellationToken cancel) => stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => HaveApiClient.ConnectAsync(server.Address, OAuthAuthentication.Authorize(Client, Open), null, null, stop.Token));
    }

    [Theory]
    [InlineData("authorize")]
    [InlineData("token")]
    [InlineData("revoke")]
    public async Task An_authorization_server_elsewhere_is_refused_unless_it_is_trusted(string endpoint)
    {
        var description = Protocol2;
        description["authentication"]!["oauth2"]![$"{endpoint}_url"] = "https://elsewhere.example/_auth/x";
        await using var server = await StartAsync(description);
        var saved = Saved(null);

        var e = await Assert.ThrowsAsync<UntrustedOriginException>(() => ConnectAsync(server, OAuthAuthentication.Restore(Client, saved)));
        Assert.Contains("https://elsewhere.example", e.Message);
        using var api = await ConnectAsync(
            server, OAuthAuthentication.Restore(Client with { TrustedOrigins = [new Uri("https://elsewhere.example")] }, saved));
    }

    [Fact]
    public async Task An_access_token_is_renewed_before_it_ends_and_a_new_refresh_token_replaces_the_old()
    {
        await using var server = await StartAsync();
        server.On(TokenPath, Tokens("second", "refresh2", "900.5")).On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));
        var time = new FakeTimeProvider(Start);
        var told = new List<SavedOAuthLogin>();
        var saved = Saved("refresh1");
        using var api = await ConnectAsync(server, OAuthAuthentication.Restore(Client, saved, told.Add), new HaveApiClientOptions { Time = time });

        time.Advance(TimeSpan.FromSeconds(839));
        await api.CallAsync("shelf#index", [], null, null, Cancel);
        Assert.Equal("first", server.Received[^1].Headers["X-Fixture-OAuth2"]);
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => api.CallAsync("shelf#index", [], null, null, Cancel)));

        Assert.Equal("second", server.Received[^1].Headers["X-Fixture-OAuth2"]);
        Assert.Equal(("refresh_token", "refresh1"), (Form(server)["grant_type"], Form(server)["refresh_token"]));
        Assert.Single(server.Received, r => r.Method == "POST");
        Assert.Equal(new SavedOAuthLogin(saved.Id, "second", "refresh2", Start.AddSeconds(840), Start.AddSeconds(1740.5)), Assert.Single(told));
        Assert.Equal($"oauth2:{saved.Id:N}", api.Authentication.Identity);
    }

    [Fact]
    public async Task A_refresh_token_that_goes_on_is_kept_and_an_ended_login_says_so()
    {
        await using var server = await StartAsync();
        server.On(TokenPath, Tokens("second", null, "900"), Answer.Json(400, JsonNode.Parse("""{"error":"invalid_grant"}""")!))
            .On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));
        var time = new FakeTimeProvider(Start.AddHours(1));
        var login = OAuthAuthentication.Restore(Client, Saved("refresh1"));
        using var api = await ConnectAsync(server, login, new HaveApiClientOptions { Time = time });
        await api.CallAsync("shelf#index", [], null, null, Cancel);
        Assert.Equal("refresh1", login.Saved!.RefreshToken);

        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("invalid_grant", (await Assert.ThrowsAsync<OAuthFailedException>(
            () => api.CallAsync("shelf#index", [], null, null, Cancel))).Error);
    }

    [Fact]
    public async Task An_unreachable_token_endpoint_is_borne_while_the_access_token_is_good()
    {
        await using var server = await StartAsync();
        server.On(TokenPath, Answer.Text(503, "text/html", "later")).On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));
        var time = new FakeTimeProvider(Start.AddSeconds(870));
        using var api = await ConnectAsync(server, OAuthAuthentication.Restore(Client, Saved("refresh1")), new HaveApiClientOptions { Time = time });

        await api.CallAsync("shelf#index", [], null, null, Cancel);
        time.Advance(TimeSpan.FromSeconds(60));

        await Assert.ThrowsAsync<ApiUnreachableException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));
    }

    [Fact]
    public async Task Logging_out_revokes_both_tokens()
    {
        await using var server = await StartAsync();
        server.On(RevokePath, Answer.Text(200, "text/html", ""));
        using var api = await ConnectAsync(server, OAuthAuthentication.Restore(Client, Saved("refresh1")), At(Start));

        await api.LogoutAsync(Cancel);

        Assert.Equal(
            [("first", "access_token"), ("refresh1", "refresh_token")],
            server.Received.Where(r => r.Method == "POST").Select(r => HttpUtility.ParseQueryString(r.Body)).Select(f => (f["token"], f["token_type_hint"])));
    }

    [Fact]
    public async Task Without_a_header_of_its_own_the_token_is_a_bearer_token()
    {
        var description = Protocol2;
        description["authentication"]!["oauth2"]!.AsObject().Remove("http_header");
        await using var server = await StartAsync(description);

        using var api = await ConnectAsync(server, OAuthAuthentication.Restore(Client, Saved(null)), At(Start));

        Assert.Equal("Bearer first", server.Received[^1].Headers["Authorization"]);
    }

    [Fact]
    public async Task A_token_endpoints_redirect_is_not_followed()
    {
        await using var elsewhere = await StartAsync();
        await using var server = await StartAsync();
        server.On(TokenPath, Answer.Text(307, "text/plain", "", ("Location", new Uri(elsewhere.Address, "/_auth/oauth2/token").ToString())));
        using var api = await ConnectAsync(server, OAuthAuthentication.Restore(Client, Saved("refresh1")), At(Start.AddHours(1)));

        await Assert.ThrowsAnyAsync<HaveApiException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Empty(elsewhere.Received);
    }

    [Fact]
    public async Task A_redirect_address_whose_port_is_taken_is_said()
    {
        await using var server = await StartAsync();

        var e = await Assert.ThrowsAsync<OAuthFailedException>(() => ConnectAsync(
            server, OAuthAuthentication.Authorize(Client with { RedirectUri = server.Address }, (_, _) => Task.CompletedTask)));

        Assert.Contains(server.Address.ToString(), e.Message);
    }

    [Theory]
    [InlineData("http://example.org/")]
    [InlineData("https://127.0.0.1:1/")]
    public async Task A_redirect_address_that_is_not_of_this_machine_is_the_callers_error(string address)
    {
        await using var server = await StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => ConnectAsync(
            server, OAuthAuthentication.Authorize(Client with { RedirectUri = new Uri(address) }, (_, _) => Task.CompletedTask)));
    }

    private static HaveApiClientOptions At(DateTimeOffset now) => new() { Time = new FakeTimeProvider(now) };

    /// <summary>Issued at <see cref="Start"/> for a quarter of an hour.</summary>
    private static SavedOAuthLogin Saved(string? refresh) => new(Guid.NewGuid(), "first", refresh, Start, Start.AddMinutes(15));

    private static RequestDelegate Tokens(string access, string? refresh, string expiresIn) => Answer.Json(200, JsonNode.Parse(
        $$"""{"access_token":"{{access}}","token_type":"bearer","expires_in":{{expiresIn}}{{(refresh is null ? "" : $",\"refresh_token\":\"{refresh}\"")}}}""")!);

    private static System.Collections.Specialized.NameValueCollection Form(ScriptedServer server) =>
        HttpUtility.ParseQueryString(server.Received.First(r => r.Target.EndsWith("/token", StringComparison.Ordinal)).Body);

    private static string Challenge(string verifier) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Goes where the server would send it, one address after the other.</summary>
    private sealed class Browser(params Func<System.Collections.Specialized.NameValueCollection, string>[] visits) : IDisposable
    {
        private readonly HttpClient _http = new();

        public Uri Shown { get; private set; } = null!;

        public System.Collections.Specialized.NameValueCollection Query => HttpUtility.ParseQueryString(Shown.Query);

        /// <summary>What the visits were answered, once they all were.</summary>
        public Task<List<HttpStatusCode>> Statuses { get; private set; } = null!;

        public Task OpenAsync(Uri address, CancellationToken cancel)
        {
            Shown = address;
            Statuses = Task.Run(VisitAsync, cancel);
            return Task.CompletedTask;
        }

        public void Dispose() => _http.Dispose();

        private async Task<List<HttpStatusCode>> VisitAsync()
        {
            var statuses = new List<HttpStatusCode>();
            foreach (var visit in visits)
            {
                using var response = await _http.GetAsync(new Uri(Query["redirect_uri"] + visit(Query)), Cancel);
                statuses.Add(response.StatusCode);
            }
            return statuses;
        }
    }
}
