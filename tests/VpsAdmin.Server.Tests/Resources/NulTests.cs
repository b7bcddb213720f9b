using System.Net;
using System.Net.Http.Headers;
using System.Text;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Server.Accounts.OAuth;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>PostgreSQL keeps no NUL in text, and refuses a query that brings one. Whoever sends one is told what is wrong; nothing fails.</summary>
public sealed class NulTests : AdministratorTests
{
    private readonly HttpClient _http = new();
    private long _dataset;

    protected override async Task PrepareAsync()
    {
        (_dataset, _http.BaseAddress) = (await Server.AddDatasetAsync("101"), Server.Url);
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
    }

    [Theory]
    [InlineData("GET", "datasets/find_by_name?dataset[name]=a%00b")]
    [InlineData("GET", "transaction_chains?transaction_chain[name]=a%00b")]
    [InlineData("GET", "transaction_chains?transaction_chain[class_name]=a%00b")]
    [InlineData("POST", "datasets/1/snapshots", """{"snapshot":{"label":"a\u0000b"}}""")]
    [InlineData("POST", "_auth/token/tokens", """{"token":{"user":"a\u0000b","password":"x","lifetime":"fixed"}}""")]
    public async Task Input_with_it_is_not_valid(string method, string path, string? body = null)
    {
        Assert.Equal(1, _dataset);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("X-HaveAPI-Auth-Token", ((TokenAuthentication)Api.Authentication).Token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await _http.SendAsync(request, Cancel);
        var said = await reply.Content.ReadAsStringAsync(Cancel);
        Assert.True(reply.StatusCode < HttpStatusCode.InternalServerError, said);
        Assert.Contains("not a valid string", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\0b:password")]
    [InlineData("admin:a\0b")]
    public async Task A_login_with_it_is_wrong(string credentials)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "datasets");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        using var reply = await _http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
    }

    [Fact]
    public async Task A_token_with_it_is_nobodys()
    {
        using var reply = await _http.GetAsync(new Uri("datasets?_auth_token=a%00b", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
    }

    [Theory]
    [InlineData("client_id=a%00b")]
    [InlineData("client_id=module&state=a%00b")]
    [InlineData("client_id=module&scope=a%00b")]
    public async Task An_address_of_the_login_page_with_it_is_invalid(string input)
    {
        await RegisterAsync();
        const string Rest = "&response_type=code&redirect_uri=http://127.0.0.1/&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        await RefusedAsync(await _http.GetAsync(new Uri($"{OAuthEndpoints.Authorize}?{input}{Rest}", UriKind.Relative), Cancel));
    }

    [Theory]
    [InlineData(OAuthEndpoints.Authorize, "client_id=module&user=a%00b&password=x")]
    [InlineData(OAuthEndpoints.Token, "client_id=a%00b&grant_type=authorization_code&code=x&redirect_uri=http://127.0.0.1/&code_verifier=x")]
    [InlineData(OAuthEndpoints.Token, "client_id=module&grant_type=refresh_token&refresh_token=a%00b")]
    [InlineData(OAuthEndpoints.Revoke, "client_id=module&token=a%00b")]
    [InlineData("/web/sign-in", "user=a%00b&password=x")]
    public async Task A_form_with_it_is_invalid(string path, string form)
    {
        await RegisterAsync();
        using var content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        await RefusedAsync(await _http.PostAsync(new Uri(path, UriKind.Relative), content, Cancel));
    }

    [Fact]
    public async Task A_program_that_calls_itself_so_is_not_known()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, OAuthEndpoints.Token);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("a%00b:secret"u8));
        request.Content = new StringContent("grant_type=refresh_token&refresh_token=x", Encoding.UTF8, "application/x-www-form-urlencoded");
        await RefusedAsync(await _http.SendAsync(request, Cancel));
    }

    private static async Task RefusedAsync(HttpResponseMessage reply)
    {
        using (reply)
        {
            var said = await reply.Content.ReadAsStringAsync(Cancel);
            Assert.True(reply.StatusCode is HttpStatusCode.BadRequest, $"{reply.StatusCode}: {said}");
            Assert.Contains("invalid_request", said, StringComparison.Ordinal);
        }
    }

    private Task<int> RegisterAsync() => Server.QueryAsync(async db =>
    {
        await new OAuthClients(db).AddAsync(new("module", "Module", [new Uri("http://127.0.0.1/")], null), Cancel);
        return 0;
    });
}
