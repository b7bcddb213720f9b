using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Authentication;

public sealed class TokenTests
{
    private const string RequestPath = "POST /_auth/token/tokens";
    private const string RenewPath = "POST /_auth/token/tokens/renew";
    private const string RevokePath = "POST /_auth/token/tokens/revoke";
    private const string Shelves = "GET /v7.0/shelves";

    [Theory]
    [InlineData(TokenLifetime.Fixed, "fixed")]
    [InlineData(TokenLifetime.RenewableManual, "renewable_manual")]
    [InlineData(TokenLifetime.RenewableAuto, "renewable_auto")]
    [InlineData(TokenLifetime.Permanent, "permanent")]
    public async Task A_token_is_requested_once_without_credentials_and_then_used_in_the_described_header(TokenLifetime lifetime, string name)
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("abc"));
        var token = Request(lifetime);

        using var api = await ConnectAsync(server, token);
        await TryCallAsync(api);

        var request = Assert.Single(server.Received, r => r.Method == "POST");
        Assert.Equal($$$"""{"token":{"user":"jane","password":"secret","lifetime":"{{{name}}}","interval":600}}""", request.Body);
        Assert.Equal(["OPTIONS", "OPTIONS", "POST"], server.Received.Where(r => !r.Headers.ContainsKey("X-Fixture-Token")).Select(r => r.Method));
        Assert.Equal("abc", token.Token);
        Assert.Equal("abc", server.Received[^1].Headers["X-Fixture-Token"]);
    }

    [Fact]
    public async Task A_token_is_sent_in_one_place_only()
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server, TokenAuthentication.Use("abcdef"));

        await TryCallAsync(api);

        var request = server.Received[^1];
        Assert.Equal("X-Fixture-Token", Assert.Single(request.Headers, h => h.Value.Contains("abcdef", StringComparison.Ordinal)).Key);
        Assert.DoesNotContain("abcdef", request.ToString());
    }

    [Fact]
    public async Task A_token_of_somebody_else_is_neither_renewed_nor_revoked()
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync();
        var token = TokenAuthentication.Use("abc");
        using var api = await ConnectAsync(server, token, new HaveApiClientOptions { Time = time });

        time.Advance(TimeSpan.FromDays(2));
        await TryCallAsync(api);
        await api.LogoutAsync(Cancel);

        Assert.DoesNotContain(server.Received, r => r.Method == "POST");
        Assert.Null(token.ValidTo);
        Assert.Equal("abc", token.Token);
    }

    [Fact]
    public async Task Logging_out_revokes_a_requested_token_once()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("abc")).On(RevokePath, Answer.Ok("""{"token":{}}"""));
        using var api = await ConnectAsync(server, Request(TokenLifetime.Permanent));

        await api.LogoutAsync(Cancel);
        await api.LogoutAsync(Cancel);

        var revoke = Assert.Single(server.Received, r => r.Target.EndsWith("/revoke", StringComparison.Ordinal));
        Assert.Equal("abc", revoke.Headers["X-Fixture-Token"]);
    }

    [Fact]
    public async Task A_token_that_has_ended_needs_no_revoking()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("abc")).On(RevokePath, Answer.Refuse(401, "Action requires user to authenticate"));
        using var api = await ConnectAsync(server, Request(TokenLifetime.Fixed));

        await api.LogoutAsync(Cancel);
    }

    [Fact]
    public async Task A_connection_that_fails_after_the_login_gives_the_token_back()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("abc")).On(RevokePath, Answer.Ok("""{"token":{}}"""))
            .On("OPTIONS /v7.0/", Answer.Options(Protocol2, "2.0"), Answer.Text(502, "text/html", "gone"));

        await Assert.ThrowsAsync<ApiUnreachableException>(() => ConnectAsync(server, Request(TokenLifetime.Permanent)));

        Assert.EndsWith("/revoke {}", server.Last());
    }

    [Fact]
    public async Task A_renewable_token_is_renewed_by_the_first_call_in_its_last_quarter()
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("abc", "2026-01-01T00:10:00Z")).On(RenewPath, Answer.Ok("""{"token":{"valid_to":"2026-01-01T00:20:00+0000"}}"""))
            .On(Shelves, Answer.Ok("{}"));
        var token = Request(TokenLifetime.RenewableManual);
        using var api = await ConnectAsync(server, token, new HaveApiClientOptions { Time = time });

        time.Advance(TimeSpan.FromSeconds(449));
        await TryCallAsync(api);
        Assert.DoesNotContain(server.Received, IsRenewal);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 10, 0, TimeSpan.Zero), token.ValidTo);

        time.Advance(TimeSpan.FromSeconds(1));
        await TryCallAsync(api);
        await TryCallAsync(api);
        Assert.Equal("abc", Assert.Single(server.Received, IsRenewal).Headers["X-Fixture-Token"]);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 20, 0, TimeSpan.Zero), token.ValidTo);
    }

    [Fact]
    public async Task Concurrent_calls_renew_once()
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("abc")).On(RenewPath, Answer.Ok("""{"token":{"valid_to":null}}""")).On(Shelves, Answer.Ok("{}"));
        using var api = await ConnectAsync(server, Request(TokenLifetime.RenewableManual), new HaveApiClientOptions { Time = time });

        time.Advance(TimeSpan.FromSeconds(500));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TryCallAsync(api)));

        Assert.Single(server.Received, IsRenewal);
    }

    [Theory]
    [InlineData(TokenLifetime.Fixed)]
    [InlineData(TokenLifetime.RenewableManual)]
    [InlineData(TokenLifetime.RenewableAuto)]
    public async Task A_token_that_ended_during_a_long_silence_is_requested_anew(TokenLifetime lifetime)
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("first"), Issue("second")).On(Shelves, Answer.Ok("{}"));
        using var api = await ConnectAsync(server, Request(lifetime), new HaveApiClientOptions { Time = time });

        time.Advance(TimeSpan.FromSeconds(600));
        await TryCallAsync(api);

        Assert.Equal("second", server.Received[^1].Headers["X-Fixture-Token"]);
        Assert.DoesNotContain(server.Received, IsRenewal);
        Assert.False(server.Received[^2].Headers.ContainsKey("X-Fixture-Token"));
    }

    [Fact]
    public async Task A_token_that_renews_itself_by_use_stays()
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("first"), Issue("second")).On(Shelves, Answer.Ok("{}"));
        using var api = await ConnectAsync(server, Request(TokenLifetime.RenewableAuto), new HaveApiClientOptions { Time = time });

        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(599));
            await TryCallAsync(api);
        }

        Assert.Equal("first", server.Received[^1].Headers["X-Fixture-Token"]);
    }

    [Fact]
    public async Task A_token_that_cannot_be_renewed_after_all_is_requested_anew()
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("first"), Issue("second")).On(RenewPath, Answer.Refuse(200, null)).On(Shelves, Answer.Ok("{}"));
        using var api = await ConnectAsync(server, Request(TokenLifetime.RenewableManual), new HaveApiClientOptions { Time = time });

        time.Advance(TimeSpan.FromSeconds(500));
        await TryCallAsync(api);

        Assert.Equal("second", server.Received[^1].Headers["X-Fixture-Token"]);
    }

    [Fact]
    public async Task A_wrong_password_is_a_refusal_that_does_not_show_it()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Answer.Refuse(200, "invalid user or password"));

        var e = await Assert.ThrowsAsync<ActionFailedException>(() => ConnectAsync(server, Request(TokenLifetime.Fixed)));

        Assert.Equal("token#request: invalid user or password", e.Message);
    }

    [Fact]
    public async Task A_second_step_is_named_with_what_it_takes()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Answer.Ok("""{"token":{"token":"half-a-token","valid_to":"2026-01-01T00:00:00Z","complete":false,"next_action":"totp"}}"""));

        var e = await Assert.ThrowsAsync<LoginStepRequiredException>(() => ConnectAsync(server, Request(TokenLifetime.Fixed)));

        Assert.Equal("totp", e.Step);
        Assert.Equal(["code"], e.Inputs);
        Assert.DoesNotContain("half-a-token", e.ToString());
    }

    [Fact]
    public async Task Credentials_beyond_user_and_password_are_refused_by_name()
    {
        var description = Protocol2;
        Token(description)["resources"]!["token"]!["actions"]!["request"]!["input"]!["parameters"]!["pin"] =
            JsonNode.Parse("""{"type":"String","required":true}""");
        await using var server = await StartAsync(description);

        Assert.Contains("pin", (await Assert.ThrowsAsync<LoginStepRequiredException>(() => ConnectAsync(server, Request(TokenLifetime.Fixed)))).Message);
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"X Token\"")]
    [InlineData("\"X-Token:\"")]
    [InlineData("\"X-Token\\r\\nX-Other\"")]
    [InlineData("\"Host\"")]
    [InlineData("\"user-agent\"")]
    [InlineData("\"Content-Length\"")]
    [InlineData("\"Transfer-Encoding\"")]
    public async Task A_header_that_cannot_carry_a_token_is_refused(string header)
    {
        var description = Protocol2;
        Token(description)["http_header"] = JsonNode.Parse(header);
        await using var server = await StartAsync(description);

        await Assert.ThrowsAsync<ProtocolException>(() => ConnectAsync(server, TokenAuthentication.Use("abc")));
    }

    [Theory]
    [InlineData("\"ab\\r\\nc\"")]
    [InlineData("\"\"")]
    [InlineData("\"ž\"")]
    [InlineData("5")]
    [InlineData("null")]
    public async Task A_token_that_a_header_cannot_carry_is_refused_unseen(string token)
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Answer.Ok($$$"""{"token":{"token":{{{token}}},"valid_to":null,"complete":true}}"""));

        var e = await Assert.ThrowsAsync<ProtocolException>(() => ConnectAsync(server, Request(TokenLifetime.Fixed)));

        Assert.Equal("The server sent a token that cannot be sent back in a header.", e.Message);
    }

    [Fact]
    public void Values_that_make_no_sense_are_the_callers_error()
    {
        Assert.Throws<ArgumentException>(() => TokenAuthentication.Use("a b"));
        Assert.Throws<ArgumentException>(() => TokenAuthentication.Use(""));
        Assert.Throws<ArgumentException>(() => new BasicAuthentication("a:b", "x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenAuthentication.Request("a", "b", TokenLifetime.Fixed, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenAuthentication.Request("a", "b", TokenLifetime.Fixed, TimeSpan.FromDays(1.1)));
        Assert.Throws<InvalidOperationException>(() => Request(TokenLifetime.Fixed).Token);
    }

    private static JsonNode Token(JsonObject description) => description["authentication"]!["token"]!;

    private static TokenAuthentication Request(TokenLifetime lifetime) =>
        TokenAuthentication.Request("jane", "secret", lifetime, TimeSpan.FromMinutes(10));

    private static RequestDelegate Issue(string token, string? validTo = null) => Answer.Ok(new JsonObject
    {
        ["token"] = new JsonObject { ["token"] = token, ["valid_to"] = validTo, ["complete"] = true, ["next_action"] = null },
    });

    private static bool IsRenewal(Received request) => request.Target.EndsWith("/renew", StringComparison.Ordinal);

    /// <summary>A call whose outcome does not matter here.</summary>
    private static async Task TryCallAsync(HaveApiClient api)
    {
        try
        {
            await api.CallAsync("shelf#index", [], null, null, Cancel);
        }
        catch (ActionFailedException)
        {
        }
    }
}
