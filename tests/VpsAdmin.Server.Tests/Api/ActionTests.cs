namespace VpsAdmin.Server.Tests.Api;

public sealed class ActionTests(SampleServer server) : IClassFixture<SampleServer>
{
    private const string Apollo =
        """{"id":1,"name":"apollo","owner":{"id":7,"login":"alice","_meta":{"path_params":[7],"resolved":false}},"created_at":"2026-03-02T00:30:00Z","ratio":1.5""";

    [Fact]
    public async Task An_object_stands_under_its_singular_name_with_its_metadata_beside_it() =>
        (await server.GetAsync("/v7.0/projects/1", "alice")).IsExactly(200, $$$"""
            {"status":true,"response":{"project":{{{Apollo}}}},"_meta":{"path_params":[1],"resolved":true}},"message":null,"errors":null}
            """);

    [Fact]
    public async Task A_list_stands_under_the_plural_name_and_its_items_carry_their_metadata() =>
        (await server.GetAsync("/v7.0/projects?project%5Blimit%5D=1", "alice")).IsExactly(200, $$$"""
            {"status":true,"response":{"projects":[{{{Apollo}}},"_meta":{"path_params":[1],"resolved":true}}],"_meta":{}},"message":null,"errors":null}
            """);

    [Fact]
    public async Task The_total_count_is_stated_when_asked_for()
    {
        var answer = await server.GetAsync("/v7.0/projects?project[limit]=1&_meta[count]=true", "alice");
        Assert.Equal("""{"total_count":2}""", answer.Response["_meta"]!.ToJsonString());
        Assert.Single(answer.Response["projects"]!.AsArray());
    }

    [Fact]
    public async Task Metadata_that_are_not_wanted_are_left_out_everywhere()
    {
        var answer = await server.GetAsync("/v7.0/projects?_meta[no]=1", "alice");
        Assert.DoesNotContain("_meta", answer.Text, StringComparison.Ordinal);
        Assert.Equal("alice", answer.Response["projects"]![0]!["owner"]!["login"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_default_version_is_also_served_at_the_root()
    {
        var answer = await server.GetAsync("/projects/1/tasks/42", "alice");
        answer.IsExactly(200, """
            {"status":true,"response":{
              "task":{"id":42,"label":"land","done":true,"project":{"id":1,"name":"apollo","_meta":{"path_params":[1],"resolved":false}}},
              "_meta":{"path_params":[1,42],"resolved":true}},"message":null,"errors":null}
            """);
    }

    [Fact]
    public async Task An_association_without_object_is_null() =>
        Assert.Null((await server.GetAsync("/v7.0/projects/2", "alice")).Response["project"]!["owner"]);

    [Fact]
    public async Task A_literal_segment_wins_over_an_id() =>
        Assert.Equal(7, (await server.GetAsync("/v7.0/members/current", "alice")).Response["member"]!["id"]!.GetValue<long>());

    [Fact]
    public async Task A_blocking_action_names_its_state_and_nothing_else_in_its_metadata()
    {
        var answer = await server.SendAsync("POST", "/v7.0/projects/1/tasks/41/run", user: "alice");
        Assert.Equal("""{"action_state_id":41}""", answer.Response["_meta"]!.ToJsonString());
        Assert.Equal(41, answer.Response["task"]!["id"]!.GetValue<long>());
    }

    [Fact]
    public async Task An_action_without_output_gives_back_an_empty_object() =>
        (await server.SendAsync("DELETE", "/v7.0/projects/1", user: "alice")).IsExactly(200, """
            {"status":true,"response":{"project":{},"_meta":{}},"message":null,"errors":null}
            """);

    [Fact]
    public async Task A_plain_hash_has_no_metadata_of_its_own() =>
        (await server.GetAsync("/v7.0/action_states/3")).IsExactly(200, """
            {"status":true,"response":{
              "action_state":{"id":3,"label":"Run task","finished":false,"status":true,"current":1,"total":2,"unit":"step","can_cancel":false},
              "_meta":{}},"message":null,"errors":null}
            """);

    [Fact]
    public async Task Included_associations_are_embedded_resolved()
    {
        var task = (await server.GetAsync("/v7.0/projects/1/tasks/41?_meta[includes]=project__owner,nonsense", "alice")).Response["task"]!;
        Assert.Equal($$$"""{{{Apollo}}},"_meta":{"path_params":[1],"resolved":true}}""".Replace(
                """{"id":7,"login":"alice","_meta":{"path_params":[7],"resolved":false}}""",
                """{"id":7,"login":"alice","_meta":{"path_params":[7],"resolved":true}}""", StringComparison.Ordinal),
            task["project"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"includes":["owner"]}""", false)]
    [InlineData("""{"includes":"label, project"}""", true)]
    [InlineData("""{"includes":["project"]}""", true)]
    [InlineData("""{"includes":["owner__project"]}""", false)]
    [InlineData("{}", false)]
    public async Task Inclusions_may_be_asked_for_in_a_body(string meta, bool resolved) => Assert.Equal(
        resolved,
        (await server.PostAsync("/v7.0/projects/1/tasks", $$$"""{"task":{"label":"x"},"_meta":{{{meta}}}}""", "alice"))
            .Response["task"]!["project"]!["_meta"]!["resolved"]!.GetValue<bool>());

    [Fact]
    public async Task Administrators_see_values_that_others_do_not()
    {
        Assert.Equal("for administrators", (await server.GetAsync("/v7.0/projects/1", "root")).Response["project"]!["internal_note"]!.GetValue<string>());
        Assert.False((await server.GetAsync("/v7.0/projects/1", "alice")).Response["project"]!.AsObject().ContainsKey("internal_note"));
    }

    [Theory]
    [InlineData("GET", "/v7.0/nonsense")]
    [InlineData("GET", "/nonsense")]
    [InlineData("GET", "/v7.0/projects/1/file.txt")]
    [InlineData("GET", "/v7.0/projects/")]
    [InlineData("POST", "/v7.0/projects/1")]
    [InlineData("PATCH", "/v7.0/projects/1")]
    [InlineData("GET", "/v6.0/projects")]
    [InlineData("GET", "/v7.0/")]
    public async Task A_path_that_leads_nowhere_is_no_action(string method, string path) =>
        (await server.SendAsync(method, path, user: "alice")).IsExactly(404, """{"status":false,"response":null,"message":"Action not found","errors":{}}""");

    [Theory]
    [InlineData("/v7.0/projects/abc")]
    [InlineData("/v7.0/projects/-1")]
    [InlineData("/v7.0/projects/%2B1")]
    [InlineData("/v7.0/projects/1.0")]
    [InlineData("/v7.0/projects/99999999999999999999")]
    [InlineData("/v7.0/projects/9")]
    [InlineData("/v7.0/projects/2/tasks/41")]
    public async Task An_id_of_no_object_is_not_found(string path) =>
        (await server.GetAsync(path, "alice")).IsExactly(404, """{"status":false,"response":null,"message":"object not found","errors":{}}""");

    [Fact]
    public async Task A_refusal_keeps_the_status_that_the_action_chose() =>
        (await server.SendAsync("POST", "/v7.0/tests/locked")).IsExactly(423, """
            {"status":false,"response":null,"message":"Resource is locked by transaction chain 5 (Snapshot). Try again later.","errors":{}}
            """);

    [Fact]
    public async Task An_unexpected_failure_is_logged_and_its_details_stay_there()
    {
        var answer = await server.SendAsync("POST", "/v7.0/tests/fail?_auth_token=0123456789abcdef");
        answer.IsExactly(500, """{"status":false,"response":null,"message":"Server error occurred","errors":{}}""");
        var line = Assert.Single(server.Log.Lines, l => l.Contains(SampleCatalogue.Secret, StringComparison.Ordinal));
        Assert.Contains(answer.Headers["X-Request-Id"], line, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Log.Lines, l => l.Contains("0123456789abcdef", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text/html", 406)]
    [InlineData("application/xml, text/plain", 406)]
    [InlineData("application/json;q=0", 406)]
    [InlineData("text/html, application/json;q=0.1", 200)]
    [InlineData("application/json; charset=utf-8", 200)]
    [InlineData("*/*", 200)]
    public async Task Only_JSON_is_served(string accept, int status)
    {
        var answer = await server.SendAsync("GET", "/v7.0/projects", user: "alice", headers: ("Accept", accept));
        Assert.Equal(status, answer.Status);
        if (status == 406) Assert.Equal(("text/html; charset=utf-8", "Not Acceptable"), (answer.ContentType, answer.Text));
    }
}
