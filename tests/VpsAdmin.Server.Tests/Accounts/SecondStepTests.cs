using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using OtpNet;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Server.Tests.Running;
using ServerLifetime = VpsAdmin.HaveApi.Authentication.TokenLifetime;

namespace VpsAdmin.Server.Tests.Accounts;

/// <summary>Codes of a device as the second step of a login, and the sessions that logins are.</summary>
public sealed class SecondStepTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 13, 12, 0, 0, TimeSpan.Zero));
    private RunningServer _server = null!;
    private long _joe;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(_time);
        _joe = await _server.AddUserAsync("joe");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_login_needs_a_code_once_a_device_is_confirmed()
    {
        using var joe = await LogInAsync();
        var device = (await joe.CallAsync("user.totp_device#create", [_joe], new JsonObject { ["label"] = "phone" }, null, Cancel)).Object;
        var (id, secret) = (device["id"]!.GetValue<long>(), device["secret"]!.GetValue<string>());
        Assert.Contains($"secret={secret}", device["provisioning_uri"]!.GetValue<string>(), StringComparison.Ordinal);
        (await LogInAsync()).Dispose();

        var wrong = await Assert.ThrowsAsync<ActionFailedException>(() => ConfirmAsync("000000"));
        Assert.Equal("invalid totp code", wrong.ServerMessage);
        await ConfirmAsync(Code(secret));
        Assert.False((await joe.CallAsync("user.totp_device#show", [_joe, id], null, null, Cancel)).Object.ContainsKey("secret"));

        // The code that confirmed it is used up.
        using var http = new HttpClient { BaseAddress = _server.Url };
        Assert.Null(await TokenAsync(Code(secret)));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("joe all", await UserAsync((await TokenAsync(Code(secret)))!));

        async Task<string?> TokenAsync(string code)
        {
            var first = await PostAsync(http, "/_auth/token/tokens", """{"token":{"user":"joe","password":"joe-password","lifetime":"fixed"}}""");
            Assert.False(first!["complete"]!.GetValue<bool>());
            return (await PostAsync(http, "/_auth/token/tokens/totp", $$$"""{"token":{"token":"{{{first["token"]}}}","code":"{{{code}}}"}}"""))?["token"]!.GetValue<string>();
        }

        Task ConfirmAsync(string code) => joe.CallAsync("user.totp_device#confirm", [_joe, id], new JsonObject { ["code"] = code }, null, Cancel);
    }

    [Fact]
    public async Task Without_the_code_the_interim_token_and_the_password_are_worth_nothing()
    {
        var secret = await AddDeviceAsync();
        using var http = new HttpClient { BaseAddress = _server.Url };
        var first = await PostAsync(http, "/_auth/token/tokens", """{"token":{"user":"joe","password":"joe-password","lifetime":"permanent","scope":"user_session#index"}}""");
        Assert.Equal((false, "totp"), (first!["complete"]!.GetValue<bool>(), first["next_action"]!.GetValue<string>()));
        var interim = first["token"]!.GetValue<string>();
        Assert.Null(await UserAsync(interim));

        using var basic = new HttpRequestMessage(HttpMethod.Get, new Uri("/users/current", UriKind.Relative));
        basic.Headers.Authorization = new("Basic", Convert.ToBase64String("joe:joe-password"u8));
        using (var refused = await http.SendAsync(basic, Cancel)) Assert.Equal(401, (int)refused.StatusCode);

        var second = await PostAsync(http, "/_auth/token/tokens/totp", $$$"""{"token":{"token":"{{{interim}}}","code":"{{{Code(secret)}}}"}}""");
        Assert.True(second!["complete"]!.GetValue<bool>());
        Assert.Equal("joe user_session#index", await UserAsync(second["token"]!.GetValue<string>()));

        // An interim token is good for one login.
        _time.Advance(TimeSpan.FromSeconds(30));
        using var again = await http.PostAsync(new Uri("/_auth/token/tokens/totp", UriKind.Relative), Json($$$"""{"token":{"token":"{{{interim}}}","code":"{{{Code(secret)}}}"}}"""), Cancel);
        Assert.Equal("invalid token", JsonNode.Parse(await again.Content.ReadAsStringAsync(Cancel))!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Codes_cannot_be_guessed_at_leisure()
    {
        await AddDeviceAsync();
        using var http = new HttpClient { BaseAddress = _server.Url };
        var interim = (await PostAsync(http, "/_auth/token/tokens", """{"token":{"user":"joe","password":"joe-password","lifetime":"fixed"}}"""))!["token"]!.GetValue<string>();
        for (var i = 0; i < 5; i++) Assert.Equal(200, await GuessAsync());
        Assert.Equal(429, await GuessAsync());

        async Task<int> GuessAsync()
        {
            using var answer = await http.PostAsync(new Uri("/_auth/token/tokens/totp", UriKind.Relative), Json($$$"""{"token":{"token":"{{{interim}}}","code":"000000"}}"""), Cancel);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_session_is_listed_and_closing_it_ends_its_token()
    {
        using var joe = await LogInAsync();
        using var other = await LogInAsync();
        var sessions = (await joe.CallAsync("user_session#index", [], new JsonObject { ["state"] = "open" }, null, Cancel)).List;
        Assert.Equal(2, sessions.Count);
        Assert.All(sessions, s => Assert.Equal(("token", "127.0.0.1", "all", "renewable_auto"), (Text(s, "auth_type"), Text(s, "api_ip_addr"), Text(s, "scope"), Text(s, "token_lifetime"))));
        var newest = sessions[0]["id"]!.GetValue<long>();

        await joe.CallAsync("user_session#close", [newest], null, null, Cancel);
        var closed = await Assert.ThrowsAsync<ActionFailedException>(() => other.CallAsync("user#current", [], null, null, Cancel));
        Assert.True(closed.IsUnauthorized);
        await joe.CallAsync("user#current", [], null, null, Cancel);
        Assert.NotNull((await joe.CallAsync("user_session#show", [newest], null, null, Cancel)).Object["closed_at"]);

        await joe.LogoutAsync(Cancel);
        Assert.Equal(0, await _server.QueryAsync(db => Task.FromResult(db.UserSessions.Count(s => s.UserId == _joe && s.ClosedAt == null))));
    }

    [Fact]
    public async Task What_is_somebody_elses_is_not_found()
    {
        await _server.AddUserAsync("ann");
        using var joe = await LogInAsync();
        using var ann = await HaveApiClient.ConnectAsync(
            _server.Url, TokenAuthentication.Request("ann", "ann-password", ServerLifetime.Fixed, TimeSpan.FromMinutes(5)), null, null, Cancel);
        var session = (await joe.CallAsync("user_session#index", [], null, null, Cancel)).List[0]["id"]!.GetValue<long>();
        foreach (var (action, ids) in new (string, long[])[] { ("user_session#show", [session]), ("user_session#close", [session]), ("user.totp_device#index", [_joe]) })
            Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => ann.CallAsync(action, ids, null, null, Cancel))).IsNotFound);
        await joe.CallAsync("user#current", [], null, null, Cancel);
    }

    private async Task<string> AddDeviceAsync()
    {
        var secret = Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20));
        return await _server.QueryAsync(async db =>
        {
            db.TotpDevices.Add(new() { UserId = _joe, Label = "phone", Secret = secret, Confirmed = true, Enabled = true, CreatedAt = _time.GetUtcNow() });
            await db.SaveChangesAsync(Cancel);
            return secret;
        });
    }

    private Task<HaveApiClient> LogInAsync() => HaveApiClient.ConnectAsync(
        _server.Url, TokenAuthentication.Request("joe", "joe-password", ServerLifetime.RenewableAuto, TimeSpan.FromHours(1)), null, null, Cancel);

    private string Code(string secret) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(_time.GetUtcNow().UtcDateTime);

    /// <returns>Login and scope of the token's owner; null: it is good for nothing.</returns>
    private Task<string?> UserAsync(string token) => _server.UseAsync<Server.Accounts.IAccounts, string?>(
        async (accounts, _) => await accounts.VerifyTokenAsync(token, extend: true, Cancel) is { } caller ? $"{caller.Login} {caller.Scope}" : null);

    /// <returns>Null: refused.</returns>
    private static async Task<JsonNode?> PostAsync(HttpClient http, string path, string json)
    {
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), Json(json), Cancel);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["response"]?["token"];
    }

    private static StringContent Json(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    private static string? Text(JsonNode node, string key) => node[key]?.GetValue<string>();
}
