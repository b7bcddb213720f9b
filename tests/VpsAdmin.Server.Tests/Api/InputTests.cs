using System.Net.Http.Headers;
using System.Text;

namespace VpsAdmin.Server.Tests.Api;

public sealed class InputTests(SampleServer server) : IClassFixture<SampleServer>
{
    private const string Echo = "/v7.0/tests/echo";

    [Fact]
    public async Task Values_arrive_as_declared_and_defaults_are_filled_in() =>
        Assert.Equal("""{"i":12,"by_default":25,"s":"5","dt":"2026-03-02T00:30:00.0000000\u002B00:00"}""",
            await EchoAsync("""{"test":{"i":"12","s":5,"dt":"2026-03-02T01:30:00+0100"}}"""));

    [Fact]
    public async Task Null_clears_where_it_may() => Assert.Equal("""{"i":null,"by_default":25,"s":null}""", await EchoAsync("""{"test":{"i":null,"s":null}}"""));

    [Fact]
    public async Task An_empty_value_in_a_query_is_null_where_it_may_be()
    {
        Assert.Equal("""{"i":null}""", (await server.GetAsync($"{Echo}?test[i]=")).Response["test"]!["values"]!.ToJsonString());
        Assert.Equal("""{"limit":["not a valid integer \u0027\u0027"]}""", (await server.GetAsync("/v7.0/projects?project[limit]=", "alice")).Json["errors"]!.ToJsonString());
    }

    [Fact]
    public async Task Unknown_parameters_and_namespaces_are_ignored() =>
        Assert.Equal("""{"i":1,"by_default":25}""", await EchoAsync("""{"test":{"i":1,"nonsense":[1]},"other":5}"""));

    [Fact]
    public async Task Parameters_for_administrators_are_dropped_from_others()
    {
        const string Body = """{"test":{"for_admins":3}}""";
        Assert.Equal("""{"by_default":25,"for_admins":3}""", await EchoAsync(Body, "root"));
        Assert.Equal("""{"by_default":25}""", await EchoAsync(Body, "alice"));
        Assert.Equal("""{"by_default":25}""", await EchoAsync(Body));
    }

    [Fact]
    public async Task Every_problem_is_told_at_once_by_parameter() =>
        (await server.PostAsync("/v7.0/projects/1/tasks", """{"task":{"done":"maybe","priority":"urgent","after":"x"}}""", "alice")).IsExactly(200, """
            {"status":false,"response":null,"message":"input parameters are not valid","errors":{
              "label":["required parameter missing"],"done":["not a valid boolean 'maybe'"],"priority":["urgent cannot be used"],"after":["not a valid id 'x'"]}}
            """);

    [Theory]
    [InlineData("5000", "must be between 0 and 1000")]
    [InlineData("-1", "must be between 0 and 1000")]
    public async Task Numbers_stay_within_their_limits(string limit, string problem) =>
        Assert.Equal(problem, (await server.GetAsync($"/v7.0/projects?project[limit]={limit}", "alice")).Json["errors"]!["limit"]![0]!.GetValue<string>());

    [Theory]
    [InlineData("""{"task":{"label":"  "}}""", "must be present and non-empty")]
    [InlineData("""{"task":{"label":null}}""", "cannot be null")]
    [InlineData("""{"task":{"label":["a"]}}""", "not a valid string '[\"a\"]'")]
    public async Task A_required_text_must_be_one(string body, string problem) =>
        Assert.Equal(problem, (await server.PostAsync("/v7.0/projects/1/tasks", body, "alice")).Json["errors"]!["label"]![0]!.GetValue<string>());

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"tasks":{"label":"x"}}""")]
    [InlineData("""{"task":"x"}""")]
    [InlineData("""{"task":["x"]}""")]
    public async Task The_namespace_must_be_there_when_something_is_required(string body) =>
        (await server.PostAsync("/v7.0/projects/1/tasks", body, "alice")).IsExactly(200, """{"status":false,"response":null,"message":"invalid input layout","errors":{}}""");

    [Fact]
    public async Task Input_of_GET_is_read_from_the_query_only() =>
        Assert.Equal("""{"i":4}""", (await server.SendAsync("GET", $"{Echo}?test%5Bi%5D=4", SampleServer.Json("""{"test":{"i":5}}"""))).Response["test"]!["values"]!.ToJsonString());

    [Fact]
    public async Task Input_of_POST_is_read_from_the_body_only() => Assert.Equal("""{"by_default":25}""", await EchoAsync("{}", path: $"{Echo}?test[i]=4"));

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "test[i]=4", 415, "Unsupported Content-Type")]
    [InlineData(null, "{}", 415, "Unsupported Content-Type")]
    [InlineData("application/json", """{"test":""", 400, "Bad JSON syntax")]
    [InlineData("application/json", """{"test":{"i":1,"i":2}}""", 400, "Bad JSON syntax")]
    [InlineData("application/json", """{"test":{"s":"\ud800"}}""", 400, "Bad JSON syntax")]
    [InlineData("application/json", "[1]", 400, "JSON body must be an object")]
    [InlineData("application/json", "null", 400, "JSON body must be an object")]
    public async Task A_body_that_is_no_JSON_object_is_refused(string? contentType, string body, int status, string message)
    {
        var answer = await server.SendAsync("POST", Echo, Bytes(contentType, Encoding.UTF8.GetBytes(body)));
        answer.IsExactly(status, $$$"""{"status":false,"response":null,"message":"{{{message}}}","errors":{}}""");
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_refused()
    {
        byte[] body = [.. "{\"test\":{\"s\":\""u8, 0xFF, .. "\"}}"u8];
        Assert.Equal(400, (await server.SendAsync("POST", Echo, Bytes("application/json", body))).Status);
    }

    [Fact]
    public async Task Any_JSON_content_type_will_do() =>
        Assert.Equal(200, (await server.SendAsync("POST", Echo, Bytes("application/vnd.api+json", "{}"u8.ToArray()))).Status);

    [Fact]
    public async Task An_empty_body_is_no_input() => Assert.Equal(200, (await server.SendAsync("POST", Echo, Bytes("text/plain", []))).Status);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_beyond_the_limit_is_refused(bool lengthKnown)
    {
        var json = Encoding.UTF8.GetBytes($$$"""{"test":{"s":"{{{new string('a', 1 << 20)}}}"}}""");
        var body = Bytes("application/json", json, lengthKnown);
        (await server.SendAsync("POST", Echo, body)).IsExactly(413, """{"status":false,"response":null,"message":"Request body is too large","errors":{}}""");
    }

    [Fact]
    public async Task Secrets_and_long_values_are_not_repeated()
    {
        Assert.Equal("""["not a valid integer"]""", (await server.PostAsync(Echo, """{"test":{"secret":"hunter2"}}""")).Json["errors"]!["secret"]!.ToJsonString());
        Assert.True((await server.PostAsync(Echo, $$$"""{"test":{"i":"{{{new string('a', 5000)}}}"}}""")).Text.Length < 400);
    }

    [Theory]
    [InlineData("_meta[count]=maybe", "count")]
    [InlineData("_meta[no]=2", "no")]
    public async Task Metadata_have_types_too(string query, string parameter) =>
        Assert.NotNull((await server.GetAsync($"/v7.0/projects?{query}", "alice")).Json["errors"]![parameter]);

    private async Task<string> EchoAsync(string body, string? user = null, string path = Echo) =>
        (await server.PostAsync(path, body, user)).Response["test"]!["values"]!.ToJsonString();

    private static StreamContent Bytes(string? contentType, byte[] body, bool lengthKnown = true)
    {
        var content = new StreamContent(lengthKnown ? new MemoryStream(body) : new UnknownLength(body));
        if (contentType is not null) content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }

    private sealed class UnknownLength(byte[] body) : MemoryStream(body)
    {
        public override bool CanSeek => false;
    }
}
