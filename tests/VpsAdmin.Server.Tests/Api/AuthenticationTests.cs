namespace VpsAdmin.Server.Tests.Api;

public sealed class AuthenticationTests(SampleServer server) : IClassFixture<SampleServer>
{
    private const string TokenHeader = "X-HaveAPI-Auth-Token";
    private const string Tokens = "/_auth/token/tokens";
    private const string Whoami = "/v7.0/members/current";

    [Fact]
    public async Task Nobody_is_asked_to_log_in()
    {
        var answer = await server.GetAsync(Whoami);
        answer.IsExactly(401, """{"status":false,"response":null,"message":"Action requires user to authenticate","errors":{}}""");
        Assert.Equal("Basic realm=\"Restricted Area\"", answer.Headers["WWW-Authenticate"]);
    }

    [Theory]
    [InlineData("Basic YWxpY2U6d3Jvbmc=")]
    [InlineData("Basic ???")]
    [InlineData("Basic")]
    [InlineData("Basic YWxpY2U=")]
    [InlineData("Basic /////w==")]
    [InlineData("Bearer 00")]
    public async Task Bad_credentials_are_as_good_as_none(string authorization)
    {
        Assert.Equal(401, (await server.SendAsync("GET", Whoami, headers: ("Authorization", authorization))).Status);
        Assert.Equal(200, (await server.SendAsync("POST", "/v7.0/tests/echo", headers: ("Authorization", authorization))).Status);
    }

    [Fact]
    public async Task What_is_for_administrators_is_refused_to_others()
    {
        const string Body = """{"member":{"login":"bob"}}""";
        (await server.PostAsync("/v7.0/members", Body, "alice")).IsExactly(403, """
            {"status":false,"response":null,"message":"Access denied. Insufficient permissions.","errors":{}}
            """);
        Assert.Equal("bob", (await server.PostAsync("/v7.0/members", Body, "root")).Response["member"]!["login"]!.GetValue<string>());
        Assert.Equal(401, (await server.PostAsync("/v7.0/members", Body)).Status);
    }

    [Fact]
    public async Task A_token_is_requested_with_user_and_password()
    {
        var answer = await server.PostAsync(Tokens, Request("alice", MemoryAccounts.Password, "fixed", 60));
        var token = answer.Response["token"]!["token"]!.GetValue<string>();
        Assert.Equal(100, token.Length);
        answer.IsExactly(200, $$$"""
            {"status":true,"response":{"token":{"token":"{{{token}}}","valid_to":"2026-03-01T12:01:00Z","complete":true,"next_action":null},"_meta":{}},"message":null,"errors":null}
            """);
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task A_permanent_token_has_no_end() =>
        Assert.Null((await server.PostAsync(Tokens, Request("alice", MemoryAccounts.Password, "permanent", 60))).Response["token"]!["valid_to"]);

    [Fact]
    public async Task A_token_is_accepted_in_the_header_or_in_the_query_but_only_once()
    {
        var token = await server.TokenAsync();
        Assert.Equal(7, (await server.SendAsync("GET", Whoami, headers: (TokenHeader, token))).Response["member"]!["id"]!.GetValue<long>());
        Assert.Equal(7, (await server.GetAsync($"{Whoami}?_auth_token={token}")).Response["member"]!["id"]!.GetValue<long>());
        (await server.SendAsync("GET", $"{Whoami}?_auth_token={token}", headers: (TokenHeader, token))).IsExactly(400, """
            {"status":false,"response":null,"message":"Multiple authentication tokens were provided","errors":{}}
            """);
        Assert.DoesNotContain(server.Log.Lines, l => l.Contains(token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("nobody", MemoryAccounts.Password)]
    public async Task A_wrong_login_gets_no_token_and_no_hint(string user, string password)
    {
        var answer = await server.PostAsync(Tokens, Request(user, password, "fixed", 60));
        answer.IsExactly(200, """{"status":false,"response":null,"message":"invalid user or password","errors":{}}""");
    }

    [Theory]
    [InlineData(0, "fixed", "interval", "must be between 1 and 86400")]
    [InlineData(86401, "fixed", "interval", "must be between 1 and 86400")]
    [InlineData(60, "forever", "lifetime", "forever cannot be used")]
    public async Task Lifetime_and_interval_are_checked(int interval, string lifetime, string parameter, string problem) =>
        (await server.PostAsync(Tokens, Request("alice", MemoryAccounts.Password, lifetime, interval))).IsExactly(400, $$$"""
            {"status":false,"response":null,"message":"input parameters are not valid","errors":{"{{{parameter}}}":["{{{problem}}}"]}}
            """);

    [Theory]
    [InlineData("project")]
    [InlineData("project#index,task#index")]
    [InlineData("project#show:project_id=abc")]
    [InlineData("project#show:project_id=1,project_id=2")]
    [InlineData("#index")]
    public async Task A_token_is_not_issued_for_a_scope_that_says_nothing(string scope)
    {
        var answer = await server.PostAsync(Tokens, $$$"""{"token":{"user":"alice","password":"{{{MemoryAccounts.Password}}}","lifetime":"fixed","scope":"{{{scope}}}"}}""");
        Assert.Equal((400, "not a valid scope"), (answer.Status, answer.Json["errors"]!["scope"]![0]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_password_is_never_repeated()
    {
        var answer = await server.PostAsync(Tokens, """{"token":{"user":"alice","password":["hunter2"],"lifetime":"fixed"}}""");
        Assert.DoesNotContain("hunter2", answer.Text, StringComparison.Ordinal);
        Assert.Equal(400, answer.Status);
    }

    [Fact]
    public async Task A_renewable_token_is_renewed()
    {
        var token = await server.TokenAsync();
        (await server.SendAsync("POST", $"{Tokens}/renew", headers: (TokenHeader, token))).IsExactly(200, """
            {"status":true,"response":{"token":{"valid_to":"2026-03-01T12:10:00Z"},"_meta":{}},"message":null,"errors":null}
            """);
    }

    [Fact]
    public async Task A_fixed_token_is_not_renewed()
    {
        var token = await server.TokenAsync(lifetime: "fixed");
        (await server.SendAsync("POST", $"{Tokens}/renew", headers: (TokenHeader, token))).IsExactly(200, """
            {"status":false,"response":null,"message":"unable to renew token","errors":{}}
            """);
    }

    [Theory]
    [InlineData("renew")]
    [InlineData("revoke")]
    public async Task Without_a_token_there_is_none_to_renew_or_revoke(string action)
    {
        var answer = await server.SendAsync("POST", $"{Tokens}/{action}", user: "alice");
        answer.IsExactly(401, """{"status":false,"response":null,"message":"This action requires token authentication","errors":{}}""");
    }

    [Fact]
    public async Task A_revoked_token_is_worth_nothing()
    {
        var token = await server.TokenAsync();
        (await server.SendAsync("POST", $"{Tokens}/revoke", headers: (TokenHeader, token))).IsExactly(200, """
            {"status":true,"response":{"token":{},"_meta":{}},"message":null,"errors":null}
            """);
        Assert.Equal(401, (await server.SendAsync("GET", Whoami, headers: (TokenHeader, token))).Status);
    }

    private static string Request(string user, string password, string lifetime, int interval) =>
        $$$"""{"token":{"user":"{{{user}}}","password":"{{{password}}}","lifetime":"{{{lifetime}}}","interval":{{{interval}}}}}""";
}
