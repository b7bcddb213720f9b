using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Server.Tests.Api;

public sealed class DescriptionTests(SampleServer server) : IClassFixture<SampleServer>
{
    private static readonly string[] ActionKeys =
        ["auth", "description", "aliases", "blocking", "input", "output", "meta", "examples", "scope", "path", "method", "help"];

    private static readonly string[] TypedKeys = ["required", "nullable", "label", "description", "type", "validators", "default", "protected"];

    private static readonly string[] ResourceKeys =
        ["required", "nullable", "label", "description", "type", "resource", "value_id", "value_label", "value", "choices"];

    [Fact]
    public async Task Versions_are_told() => (await server.SendAsync("OPTIONS", "/?describe=versions")).IsExactly(200, """
        {"version":"2.0","status":true,"response":{"versions":["7.0"],"default":"7.0"},"message":null,"errors":null}
        """);

    [Fact]
    public async Task A_version_is_described_at_its_root_which_ends_in_a_slash()
    {
        var described = (await server.SendAsync("OPTIONS", "/v7.0/")).Response;
        Assert.Equal(described.ToJsonString(), (await server.SendAsync("OPTIONS", "/?describe=default")).Response.ToJsonString());
        var all = (await server.SendAsync("OPTIONS", "/")).Response;
        Assert.Equal("7.0", all["default_version"]!.GetValue<string>());
        Assert.Equal(described.ToJsonString(), all["versions"]!["7.0"]!.ToJsonString());
        Assert.Equal(described.ToJsonString(), all["versions"]!["default"]!.ToJsonString());
        Assert.Equal("""{"namespace":"_meta"}""", described["meta"]!.ToJsonString());
        Assert.Equal("/v7.0/", described["help"]!.GetValue<string>());
        Assert.Equal(404, (await server.SendAsync("OPTIONS", "/v7.0")).Status);
    }

    [Fact]
    public async Task Every_action_and_parameter_has_every_key()
    {
        var described = (await server.SendAsync("OPTIONS", "/v7.0/")).Response;
        var actions = Actions(described["resources"]!).Concat(Actions(described["authentication"]!["token"]!["resources"]!)).ToList();
        Assert.Equal(22, actions.Count);
        Assert.All(actions, a => Assert.Equal(ActionKeys, a.Select(k => k.Key)));
        string[] block = ["parameters", "layout", "namespace"];
        Assert.All(actions, a => Assert.Equal(block, a["input"]!.AsObject().Select(k => k.Key)));
        Assert.All(actions, a => Assert.Equal(block, a["output"]!.AsObject().Select(k => k.Key)));
        var parameters = actions.SelectMany(a => new[] { a["input"]!, a["output"]! }).SelectMany(b => b["parameters"]!.AsObject()).Select(p => p.Value!.AsObject()).ToList();
        Assert.NotEmpty(parameters);
        Assert.All(parameters, p => Assert.Equal(p["type"]!.GetValue<string>() == "Resource" ? ResourceKeys : TypedKeys, p.Select(k => k.Key)));
    }

    [Fact]
    public async Task The_shared_wire_types_read_it()
    {
        var described = (await server.SendAsync("OPTIONS", "/v7.0/")).Response.Deserialize(HaveApiJson.Default.ApiDescription)!;
        var run = described.Resources["project"].Resources["task"].Actions["run"];
        Assert.Equal(("/v7.0/projects/{project_id}/tasks/{task_id}/run", "POST", true, "project.task#run"), (run.Path, run.Method, run.Blocking, run.Scope));
        Assert.Equal(["member"], described.Resources["project"].Actions["index"].Input!.Parameters["owner"].Resource!);
    }

    [Fact]
    public async Task A_list_has_singular_input_and_plural_output()
    {
        var index = await ActionAsync("project", "index");
        Assert.Equal(("object", "project"), (Text(index["input"]!["layout"]), Text(index["input"]!["namespace"])));
        Assert.Equal(("object_list", "projects"), (Text(index["output"]!["layout"]), Text(index["output"]!["namespace"])));
        Assert.Equal("""["list"]""", index["aliases"]!.ToJsonString());
        Assert.Equal("/v7.0/projects?method=GET", Text(index["help"]));
        Assert.Equal(("hash", "action_state"), (Text((await ActionAsync("action_state", "show"))["output"]!["layout"]), "action_state"));
    }

    [Fact]
    public async Task Rules_of_parameters_are_described()
    {
        var input = (await server.SendAsync("OPTIONS", "/v7.0/")).Response["resources"]!["project"]!["resources"]!["task"]!["actions"]!["create"]!["input"]!["parameters"]!;
        Assert.Equal("""
            {"required":true,"nullable":false,"label":"Label","description":null,"type":"String",
             "validators":{"present":{"empty":false,"message":"must be present and non-empty"}},"default":null,"protected":false}
            """.ReplaceLineEndings("").Replace(" \"validators\"", "\"validators\"", StringComparison.Ordinal), input["label"]!.ToJsonString());
        Assert.Equal("""{"include":{"values":["low","high"],"message":"%{value} cannot be used"}}""", input["priority"]!["validators"]!.ToJsonString());
        Assert.Equal("false", input["done"]!["default"]!.ToJsonString());
        Assert.Equal("""
            {"required":null,"nullable":false,"label":"After","description":null,"type":"Resource","resource":["project","task"],"value_id":"id","value_label":"label","value":null,"choices":{"path":"/v7.0/projects/{project_id}/tasks","method":"GET","help":"/v7.0/projects/{project_id}/tasks?method=GET"}}
            """, input["after"]!.ToJsonString());
        var limit = (await ActionAsync("project", "index"))["input"]!["parameters"]!["limit"]!;
        Assert.Equal("""{"number":{"min":0,"max":1000,"message":"must be between 0 and 1000"}}""", limit["validators"]!.ToJsonString());
    }

    [Fact]
    public async Task Metadata_are_described_as_the_action_gives_them()
    {
        var index = (await ActionAsync("project", "index"))["meta"]!;
        Assert.Equal(["no", "count", "includes"], Names(index["global"]!["input"]));
        Assert.Equal(["total_count"], Names(index["global"]!["output"]));
        Assert.Equal(["path_params", "resolved"], Names(index["object"]!["output"]));
        Assert.Equal("false", index["object"]!["output"]!["namespace"]!.ToJsonString());
        Assert.Null(index["object"]!["input"]);

        var run = (await server.SendAsync("OPTIONS", "/v7.0/")).Response["resources"]!["project"]!["resources"]!["task"]!["actions"]!["run"]!["meta"]!;
        Assert.Equal(["action_state_id"], Names(run["global"]!["output"]));

        var state = (await ActionAsync("action_state", "show"))["meta"]!;
        Assert.Null(state["object"]);
        Assert.Null(state["global"]!["output"]);
        Assert.Equal(["no"], Names(state["global"]!["input"]));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("root", true)]
    [InlineData("alice", false)]
    public async Task Who_has_logged_in_sees_what_they_may_use(string? user, bool everything)
    {
        var described = (await server.SendAsync("OPTIONS", "/v7.0/", user: user)).Response["resources"]!;
        Assert.Equal(everything, described["member"]!["actions"]!.AsObject().ContainsKey("create"));
        Assert.Equal(everything, described["project"]!["actions"]!["index"]!["input"]!["parameters"]!.AsObject().ContainsKey("hidden"));
        Assert.Equal(everything, described["project"]!["actions"]!["show"]!["output"]!["parameters"]!.AsObject().ContainsKey("internal_note"));
    }

    [Fact]
    public async Task Authentication_is_described()
    {
        var authentication = (await server.SendAsync("OPTIONS", "/v7.0/")).Response["authentication"]!;
        Assert.Equal(["basic", "token"], authentication.AsObject().Select(m => m.Key));
        Assert.Equal(("X-HaveAPI-Auth-Token", "_auth_token"), (Text(authentication["token"]!["http_header"]), Text(authentication["token"]!["query_parameter"])));
        var actions = authentication["token"]!["resources"]!["token"]!["actions"]!;
        Assert.Equal(
            ["/_auth/token/tokens False", "/_auth/token/tokens/totp False", "/_auth/token/tokens/renew True", "/_auth/token/tokens/revoke True"],
            new[] { "request", "totp", "renew", "revoke" }.Select(a => $"{Text(actions[a]!["path"])} {actions[a]!["auth"]!.GetValue<bool>()}"));
        Assert.Equal(["user", "password", "scope", "lifetime", "interval"], Names(actions["request"]!["input"]));
        Assert.True(actions["request"]!["input"]!["parameters"]!["password"]!["protected"]!.GetValue<bool>());
        Assert.Equal(["token", "valid_to", "complete", "next_action"], Names(actions["request"]!["output"]));
    }

    [Fact]
    public async Task One_action_is_described_with_the_ids_of_its_path()
    {
        var answer = await server.SendAsync("OPTIONS", "/v7.0/projects/5/tasks?method=POST", user: "alice");
        Assert.Equal(("2.0", "project.task#create"), (Text(answer.Json["version"]), Text(answer.Response["scope"])));
        Assert.Equal(("/v7.0/projects/5/tasks", "/v7.0/projects/5/tasks?method=POST"), (Text(answer.Response["path"]), Text(answer.Response["help"])));
        Assert.Equal("/v7.0/projects/5/tasks", Text(answer.Response["input"]!["parameters"]!["after"]!["choices"]!["path"]));
        Assert.Equal("project.task#index", Text((await server.SendAsync("OPTIONS", "/projects/5/tasks?method=GET", user: "alice")).Response["scope"]));
    }

    [Theory]
    [InlineData("/v7.0/projects/1?method=GET", null, 401, "Action requires user to authenticate")]
    [InlineData("/v7.0/members?method=POST", "alice", 403, "Access denied. Insufficient permissions.")]
    [InlineData("/v7.0/projects/1?method=POST", "alice", 404, "Action not found")]
    [InlineData("/v7.0/projects/x?method=GET", "alice", 404, "object not found")]
    [InlineData("/v7.0/nonsense?method=GET", "alice", 404, "Action not found")]
    public async Task An_action_is_described_to_those_who_may_call_it(string path, string? user, int status, string message) =>
        (await server.SendAsync("OPTIONS", path, user: user)).IsExactly(status, $$$"""{"status":false,"response":null,"message":"{{{message}}}","errors":{}}""");

    private async Task<JsonNode> ActionAsync(string resource, string action) =>
        (await server.SendAsync("OPTIONS", "/v7.0/")).Response["resources"]![resource]!["actions"]![action]!;

    private static IEnumerable<JsonObject> Actions(JsonNode resources) => resources.AsObject().SelectMany(r =>
        r.Value!["actions"]!.AsObject().Select(a => a.Value!.AsObject()).Concat(Actions(r.Value!["resources"]!)));

    private static IEnumerable<string> Names(JsonNode? block) => block!["parameters"]!.AsObject().Select(p => p.Key);

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}
