using System.Net.Sockets;
using System.Text;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Tests.Api;

public sealed class HostingTests(SampleServer server) : IClassFixture<SampleServer>
{
    [Fact]
    public async Task A_preflight_is_answered_before_anybody_logs_in()
    {
        var answer = await server.SendAsync("OPTIONS", "/v7.0/members/current", headers:
            [("Origin", "https://web.example.org"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "x-haveapi-auth-token")]);
        Assert.Equal((204, ""), (answer.Status, answer.Text));
        Assert.Equal("*", answer.Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("x-haveapi-auth-token", answer.Headers["Access-Control-Allow-Headers"]);
        Assert.Equal("3600", answer.Headers["Access-Control-Max-Age"]);
    }

    [Theory]
    [InlineData("GET", "/v7.0/members/current", 401)]
    [InlineData("POST", "/v7.0/tests/echo", 200)]
    [InlineData("OPTIONS", "/?describe=versions", 200)]
    public async Task Pages_of_any_origin_may_read_the_answer_but_never_with_the_browsers_own_credentials(string method, string path, int status)
    {
        var answer = await server.SendAsync(method, path, headers: ("Origin", "https://web.example.org"));
        Assert.Equal((status, "*"), (answer.Status, answer.Headers["Access-Control-Allow-Origin"]));
        Assert.False(answer.Headers.ContainsKey("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task A_request_is_logged_without_its_secrets_and_nobody_writes_lines_of_their_own()
    {
        var token = await server.TokenAsync();
        await server.GetAsync($"/v7.0/projects/1%0Ainjected?_auth_token={token}");
        await server.SendAsync("GET", "/v7.0/members/current", headers: ("X-HaveAPI-Auth-Token", token));
        // A mistyped address of a download.
        var secret = new string('a', 100);
        await server.GetAsync($"/download/node1.example.org/1/{secret}/");
        Assert.Contains(server.Log.Lines, static l => l.Contains("GET /download/node1.example.org/1/…/: 404", StringComparison.Ordinal));
        // What the framework says of each request in its debug messages is not logged by the server.
        Assert.DoesNotContain(server.Log.Lines, l => l.Contains(secret, StringComparison.Ordinal) && !l.Contains("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.Contains(server.Log.Lines, l => l.Contains("GET /v7.0/projects/1%0Ainjected: 404", StringComparison.Ordinal));
        Assert.Contains(server.Log.Lines, l => l.Contains("GET /v7.0/members/current: 200", StringComparison.Ordinal) && l.Contains("for alice from 127.0.0.1", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.Lines, l => l.Contains(token, StringComparison.Ordinal) || l.Contains(MemoryAccounts.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_without_any_body_needs_no_length()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.BaseUri.Host, server.BaseUri.Port, TestContext.Current.CancellationToken);
        await socket.GetStream().WriteAsync(
            "POST /v7.0/tests/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(socket.GetStream(), Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 200 ", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_not_logged_in_is_told_of_nothing_that_requires_it_when_the_server_hides_it()
    {
        await using var hiding = new SampleServer(new HaveApiOptions { HideFromAnonymous = true });
        await hiding.InitializeAsync();
        var anonymous = (await hiding.SendAsync("OPTIONS", "/v7.0/")).Response;
        Assert.Equal(["test", "action_state"], anonymous["resources"]!.AsObject().Select(r => r.Key));
        Assert.NotNull(anonymous["authentication"]!["token"]!["resources"]!["token"]!["actions"]!["revoke"]);
        Assert.NotNull((await hiding.SendAsync("OPTIONS", "/v7.0/", user: "alice")).Response["resources"]!["project"]);
    }

    [Theory]
    [InlineData("cs-CZ, en;q=0.5", "Archiv", "vyzaduje prihlaseni")]
    [InlineData("en;q=0.5, cs;q=0.8", "Archiv", "vyzaduje prihlaseni")]
    [InlineData("de", "Archive", "Action requires user to authenticate")]
    [InlineData("cs;q=0", "Archive", "Action requires user to authenticate")]
    public async Task What_people_read_is_in_their_language_and_nothing_else_changes(string languages, string label, string message)
    {
        await using var polyglot = new SampleServer(new HaveApiOptions
        {
            Languages = new Dictionary<string, IReadOnlyDictionary<string, string>>
            {
                ["cs"] = new Dictionary<string, string> { ["Archive"] = "Archiv", ["Action requires user to authenticate"] = "vyzaduje prihlaseni" },
            },
        });
        await polyglot.InitializeAsync();
        var described = await polyglot.SendAsync("OPTIONS", "/v7.0/tests/rules?method=POST", headers: ("Accept-Language", languages));
        Assert.Equal($$$"""{"archive":"{{{label}}}","stream":"Stream"}""",
            described.Response["input"]!["parameters"]!["kind"]!["validators"]!["include"]!["values"]!.ToJsonString());
        Assert.Equal("Accept-Language", described.Headers["Vary"]);
        Assert.Equal(message, (await polyglot.SendAsync("GET", "/v7.0/members/current", headers: ("Accept-Language", languages))).Message);
    }
}
