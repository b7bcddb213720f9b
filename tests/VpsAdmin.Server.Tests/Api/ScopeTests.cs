using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Tests.Api;

public sealed class ScopeTests(SampleServer server) : IClassFixture<SampleServer>
{
    private const string TokenHeader = "X-HaveAPI-Auth-Token";

    [Theory]
    [InlineData("all", "project.task#create", true)]
    [InlineData("project#index", "project#index", true)]
    [InlineData("project#index", "project#show", false)]
    [InlineData("project#index", "project.task#index", false)]
    [InlineData("project#*", "project#delete", true)]
    [InlineData("project#*", "project.task#delete", false)]
    [InlineData("project.task#*", "project.task#delete", true)]
    [InlineData("*#index", "project.task#index", true)]
    [InlineData("*#index", "project.task#show", false)]
    [InlineData("member#show  project#show", "project#show", true)]
    [InlineData("member#show", "user#current", true)]
    [InlineData("member#show", "action_state#poll", true)]
    [InlineData("member#show", "action_state#cancel", false)]
    public void A_scope_covers_what_it_names(string scope, string action, bool covers) => Assert.Equal(covers, TokenScope.Parse(scope)!.Covers(action));

    [Fact]
    public async Task A_token_is_good_for_its_scope_only()
    {
        var token = await TokenAsync("project#index project#show:project_id=1");
        Assert.Equal(200, await StatusAsync("GET", "/v7.0/projects"));
        Assert.Equal(200, await StatusAsync("GET", "/v7.0/projects/1"));
        Assert.Equal(403, await StatusAsync("GET", "/v7.0/projects/2"));
        Assert.Equal(403, await StatusAsync("DELETE", "/v7.0/projects/1"));
        Assert.Equal(403, await StatusAsync("OPTIONS", "/v7.0/projects/1?method=DELETE"));
        Assert.Equal(200, await StatusAsync("POST", "/_auth/token/tokens/renew"));
        Assert.Equal(200, await StatusAsync("POST", "/_auth/token/tokens/revoke"));
        Assert.Equal(401, await StatusAsync("GET", "/v7.0/projects"));

        async Task<int> StatusAsync(string method, string path) => (await server.SendAsync(method, path, headers: (TokenHeader, token))).Status;
    }

    [Fact]
    public async Task Only_what_the_token_is_good_for_is_described_and_embedded()
    {
        var token = await TokenAsync("project#*");
        var described = (await server.SendAsync("OPTIONS", "/v7.0/", headers: (TokenHeader, token))).Response["resources"]!.AsObject();
        Assert.Equal(["project", "action_state"], described.Select(r => r.Key));
        Assert.Empty(described["project"]!["resources"]!.AsObject());
        var project = (await server.SendAsync("GET", "/v7.0/projects/1?_meta[includes]=owner", headers: (TokenHeader, token))).Response["project"]!;
        Assert.False(project["owner"]!["_meta"]!["resolved"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Where_nobody_has_to_log_in_a_token_of_another_scope_is_as_good_as_none()
    {
        var token = await TokenAsync("project#index", "root");
        var answer = await server.SendAsync("POST", "/v7.0/tests/echo", SampleServer.Json("""{"test":{"for_admins":3}}"""), headers: (TokenHeader, token));
        Assert.Equal((200, """{"by_default":25}"""), (answer.Status, answer.Response["test"]!["values"]!.ToJsonString()));
    }

    private async Task<string> TokenAsync(string scope, string user = "alice") => (await server.PostAsync("/_auth/token/tokens", $$$"""
        {"token":{"user":"{{{user}}}","password":"{{{MemoryAccounts.Password}}}","lifetime":"renewable_manual","scope":"{{{scope}}}"}}
        """)).Response["token"]!["token"]!.GetValue<string>();
}
