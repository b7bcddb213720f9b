using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Tests.Api;

/// <summary>The same declarations for clients of 2016.</summary>
public sealed class FirstProtocolTests : IAsyncLifetime
{
    private readonly SampleServer _server = new(new HaveApiOptions("2.0") { Protocol = HaveApiProtocol.First });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Descriptions_are_in_the_words_of_the_first_protocol()
    {
        var answer = await _server.SendAsync("OPTIONS", "/v2.0/");
        Assert.Equal("1.0", answer.Json["version"]!.GetValue<string>());
        var resources = answer.Response["resources"]!;
        Assert.Null(resources["action_state"]);
        var show = resources["project"]!["resources"]!["task"]!["actions"]!["show"]!.AsObject();
        Assert.Equal(["auth", "description", "aliases", "input", "output", "meta", "examples", "method", "help", "url"], show.Select(k => k.Key));
        Assert.Equal("/v2.0/projects/:project_id/tasks/:task_id", show["url"]!.GetValue<string>());
        Assert.Equal("/v2.0/projects/:project_id/tasks/:task_id?method=GET", show["help"]!.GetValue<string>());
        Assert.Equal(["resolved", "url_params"], show["meta"]!["object"]!["output"]!["parameters"]!.AsObject().Select(p => p.Key).Order());
        var after = resources["project"]!["resources"]!["task"]!["actions"]!["create"]!["input"]!["parameters"]!["after"]!;
        Assert.Equal("/v2.0/projects/:project_id/tasks", after["choices"]!["url"]!.GetValue<string>());
        Assert.Equal(
            ["required", "label", "description", "type", "validators", "default"],
            show["output"]!["parameters"]!["label"]!.AsObject().Select(k => k.Key));
        Assert.Equal(
            ["offset", "limit", "owner", "hidden"], resources["project"]!["actions"]!["index"]!["input"]!["parameters"]!.AsObject().Select(p => p.Key));
        var token = answer.Response["authentication"]!["token"]!["resources"]!["token"]!["actions"]!;
        Assert.Equal(["login", "password", "lifetime", "interval"], token["request"]!["input"]!["parameters"]!.AsObject().Select(p => p.Key));
        Assert.Equal(["token", "valid_to"], token["request"]!["output"]!["parameters"]!.AsObject().Select(p => p.Key));
        Assert.Null(token["totp"]);
    }

    [Fact]
    public async Task An_object_and_its_associations_carry_url_params() => (await _server.GetAsync("/v2.0/projects/1/tasks/42", "alice")).IsExactly(200, """
        {"status":true,"response":{
          "task":{"id":42,"label":"land","done":true,"project":{"id":1,"name":"apollo","_meta":{"url_params":[1],"resolved":false}}},
          "_meta":{"url_params":[1,42],"resolved":true}},"message":null,"errors":null}
        """);

    [Fact]
    public async Task A_blocking_action_answers_like_any_other() => Assert.Equal(
        """{"url_params":[1,41],"resolved":true}""",
        (await _server.SendAsync("POST", "/v2.0/projects/1/tasks/41/run", user: "alice")).Response["_meta"]!.ToJsonString());

    [Theory]
    [InlineData("GET", "/v2.0/projects/9", "alice", 200)]
    [InlineData("GET", "/v2.0/projects/abc", "alice", 200)]
    [InlineData("POST", "/v2.0/tests/locked", null, 200)]
    [InlineData("POST", "/v2.0/tests/fail", null, 200)]
    [InlineData("GET", "/v2.0/projects/1", null, 401)]
    [InlineData("POST", "/v2.0/tests/support", "alice", 403)]
    [InlineData("GET", "/v2.0/projects/", "alice", 404)]
    [InlineData("GET", "/v2.0/nonsense", "alice", 404)]
    public async Task Failures_of_actions_have_status_200(string method, string path, string? user, int status)
    {
        var answer = await _server.SendAsync(method, path, user: user);
        Assert.Equal((status, false), (answer.Status, answer.Json["status"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Our_own_client_logs_in_and_calls()
    {
        using var client = await HaveApiClient.ConnectAsync(
            _server.BaseUri, TokenAuthentication.Request("alice", MemoryAccounts.Password, TokenLifetime.Fixed, TimeSpan.FromMinutes(5)), null, null, Cancel);
        Assert.Equal(("2.0", "1.0"), (client.ApiVersion, client.ProtocolVersion));
        var task = await client.CallAsync("project.task#create", [1], new JsonObject { ["label"] = "dock" }, null, Cancel);
        Assert.Equal("dock", task.Object["label"]!.GetValue<string>());
        Assert.Null((await client.CallAsync("project.task#run", [1, 41], null, null, Cancel)).ActionStateId);
    }
}
