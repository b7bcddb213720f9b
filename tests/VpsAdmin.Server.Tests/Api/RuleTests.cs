using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Tests.Api;

public sealed class RuleTests(SampleServer server) : IClassFixture<SampleServer>
{
    private const string Rules = "/v7.0/tests/rules";

    [Theory]
    [InlineData("""{"consent":false}""", "consent", "must be accepted")]
    [InlineData("""{"secret":"short"}""", "secret", "length must be between 8 and 20")]
    [InlineData("""{"secret":"password"}""", "secret", "the value cannot be used")]
    [InlineData("""{"secret":"long enough","again":"long enouhg"}""", "again", "must be the same as secret")]
    [InlineData("""{"again":"long enough"}""", "again", "must be the same as secret")]
    [InlineData("""{"host":"web1\n"}""", "host", "letters and digits")]
    [InlineData("""{"kind":"tape"}""", "kind", "tape cannot be used")]
    public async Task A_broken_rule_is_told(string input, string parameter, string message)
    {
        var answer = await server.PostAsync(Rules, $$$"""{"test":{{{input}}}}""");
        Assert.Equal($$$"""{"{{{parameter}}}":["{{{message}}}"]}""", answer.Json["errors"]!.ToJsonString());
        Assert.DoesNotContain("enouhg", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_keeps_all_rules_is_accepted() => Assert.True((await server.PostAsync(Rules, """
        {"test":{"consent":true,"secret":"long enough","again":"long enough","host":"web1","kind":"stream"}}
        """)).Json["status"]!.GetValue<bool>());

    [Fact]
    public async Task Rules_are_described()
    {
        var parameters = (await ActionAsync()).AsObject()["input"]!["parameters"]!;
        Assert.Equal("""{"accept":{"value":true,"message":"must be accepted"}}""", Validators("consent"));
        Assert.Equal(
            """{"length":{"min":8,"max":20,"message":"length must be between 8 and 20"},"exclude":{"values":["password"],"message":"%{value} cannot be used"}}""",
            Validators("secret"));
        Assert.Equal("""{"confirm":{"equal":true,"parameter":"secret","message":"must be the same as secret"}}""", Validators("again"));
        Assert.Equal(
            """{"format":{"rx":"\\A[a-z0-9]\u002B\\z","match":true,"description":"letters and digits","message":"letters and digits"}}""", Validators("host"));
        Assert.Equal("""{"include":{"values":{"archive":"Archive","stream":"Stream"},"message":"%{value} cannot be used"}}""", Validators("kind"));

        string Validators(string parameter) => parameters[parameter]!["validators"]!.ToJsonString();
    }

    [Fact]
    public async Task A_former_name_is_accepted_and_not_described()
    {
        Assert.Equal("""{"i":5}""", (await server.PostAsync(Rules, """{"test":{"number":"5"}}""")).Response["test"]!["values"]!.ToJsonString());
        Assert.Equal("""{"i":6}""", (await server.PostAsync(Rules, """{"test":{"number":5,"i":6}}""")).Response["test"]!["values"]!.ToJsonString());
        Assert.False((await ActionAsync())["input"]!["parameters"]!.AsObject().ContainsKey("number"));
    }

    [Theory]
    [InlineData("alice", false)]
    [InlineData("sue", true)]
    [InlineData("root", true)]
    public async Task Support_staff_may_do_what_is_for_them(string user, bool may)
    {
        Assert.Equal(may ? 200 : 403, (await server.SendAsync("POST", "/v7.0/tests/support", user: user)).Status);
        Assert.Equal(may ? """{"for_support":3}""" : "{}", (await server.PostAsync(Rules, """{"test":{"for_support":3}}""", user)).Response["test"]!["values"]!.ToJsonString());
        Assert.Equal(may, (await ActionAsync(user))["input"]!["parameters"]!.AsObject().ContainsKey("for_support"));
        Assert.Equal(may, (await ActionAsync(user))["examples"]![0]!["request"]!.AsObject().ContainsKey("for_support"));
        var tests = (await server.SendAsync("OPTIONS", "/v7.0/", user: user)).Response["resources"]!["test"]!["actions"]!.AsObject();
        Assert.Equal(may, tests.ContainsKey("support"));
    }

    [Fact]
    public async Task Examples_are_described() => Assert.Equal("""
        [{"title":"Name a host","comment":"As an example","path_params":[],"request":{"host":"web1"},"response":{"values":{}},"status":true,"message":null,"errors":null,"http_status":200}]
        """, (await ActionAsync("alice"))["examples"]!.ToJsonString());

    private async Task<JsonNode> ActionAsync(string? user = null) => (await server.SendAsync("OPTIONS", $"{Rules}?method=POST", user: user)).Response;
}
