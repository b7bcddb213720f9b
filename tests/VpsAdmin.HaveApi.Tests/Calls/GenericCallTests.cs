using System.Text.Json.Nodes;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Calls;

/// <summary>Calls whose values come from people: in whatever type, with ids that are text.</summary>
public sealed class GenericCallTests
{
    [Theory]
    [InlineData("a b", "a%20b")]
    [InlineData("a/b?c#d", "a%2Fb%3Fc%23d")]
    [InlineData("č", "%C4%8D")]
    [InlineData("..a", "..a")]
    public async Task An_id_is_one_segment_of_the_path_whatever_is_in_it(string id, string segment)
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf.book#show", ["3", id], null, null, Cancel));

        Assert.Equal($"GET /v7.0/shelves/3/books/{segment}", server.Last());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_id_that_would_be_another_path_is_refused(string id)
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server);
        var before = server.Received.Count;

        await Assert.ThrowsAsync<InvalidInputException>(() => api.CallAsync("shelf.book#show", [id, "4"], null, null, Cancel));

        Assert.Equal(before, server.Received.Count);
    }

    [Theory]
    [InlineData("Integer", "\"12\"", "12")]
    [InlineData("Integer", "\"+5\"", "5")]
    [InlineData("Integer", "12.0", "12")]
    [InlineData("Integer", "9007199254740993", "9007199254740993")]
    [InlineData("Float", "\"1e3\"", "1000")]
    [InlineData("Float", "2.5", "2.5")]
    [InlineData("Boolean", "\"Yes\"", "true")]
    [InlineData("Boolean", "0", "false")]
    [InlineData("Boolean", "true", "true")]
    [InlineData("Datetime", "\"2026-01-02T03:04:05+02:00\"", "\"2026-01-02T01:04:05Z\"")]
    [InlineData("Datetime", "\"2026-01-02T03:04:05+0000\"", "\"2026-01-02T03:04:05Z\"")]
    [InlineData("Datetime", "\"2026-01-02T03:04:05.125Z\"", "\"2026-01-02T03:04:05.125Z\"")]
    [InlineData("Datetime", "\"2026-01-02\"", "\"2026-01-02\"")]
    [InlineData("String", "5", "\"5\"")]
    [InlineData("Text", "true", "\"true\"")]
    [InlineData("Resource", "\"7\"", "7")]
    [InlineData("Resource", "\"name\"", "\"name\"")]
    [InlineData("Resource", """{"id":7,"label":"x"}""", "7")]
    [InlineData("Custom", """{"a":[1,null,{"b":"c"}]}""", """{"a":[1,null,{"b":"c"}]}""")]
    [InlineData("Custom", "[1,\"2\"]", "[1,\"2\"]")]
    [InlineData("FromTheFuture", "[1]", "[1]")]
    public async Task Values_are_sent_in_the_described_type(string type, string value, string sent)
    {
        await using var server = await ServerWithAsync(type);
        using var api = await ConnectAsync(server);

        await api.CallAsync("shelf#create", [], new JsonObject { ["it"] = JsonNode.Parse(value) }, null, Cancel);

        Assert.Equal($$$"""POST /v7.0/shelves {"shelf":{"it":{{{sent}}}}}""", server.Last());
    }

    [Theory]
    [InlineData("Integer", "\"abc\"")]
    [InlineData("Integer", "\"12.0\"")]
    [InlineData("Integer", "1.5")]
    [InlineData("Integer", "\"\"")]
    [InlineData("Integer", "true")]
    [InlineData("Float", "\"NaN\"")]
    [InlineData("Float", "[]")]
    [InlineData("Boolean", "\"maybe\"")]
    [InlineData("Boolean", "2")]
    [InlineData("Datetime", "\"tomorrow\"")]
    [InlineData("Datetime", "5")]
    [InlineData("String", "[]")]
    [InlineData("Text", "{}")]
    [InlineData("Resource", "{}")]
    [InlineData("Resource", "[1]")]
    [InlineData("Resource", "1.5")]
    public async Task A_value_that_an_old_server_would_take_for_something_else_is_refused(string type, string value)
    {
        await using var server = await ServerWithAsync(type);
        using var api = await ConnectAsync(server);
        var before = server.Received.Count;

        var e = await Assert.ThrowsAsync<InvalidInputException>(
            () => api.CallAsync("shelf#create", [], new JsonObject { ["it"] = JsonNode.Parse(value) }, null, Cancel));

        Assert.Equal(("shelf#create", "it"), (e.Action, e.Parameter));
        Assert.Equal(before, server.Received.Count);
    }

    [Theory]
    [InlineData("""["archive","stream"]""")]
    [InlineData("""{"archive":"An archive","stream":"A stream"}""")]
    public async Task BUG_35_choices_are_a_list_or_a_map(string values)
    {
        await using var server = await ServerWithAsync("String", $$$"""{"include":{"values":{{{values}}}}}""");
        using var api = await ConnectAsync(server);

        await api.CallAsync("shelf#create", [], new JsonObject { ["it"] = "stream" }, null, Cancel);
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => api.CallAsync("shelf#create", [], new JsonObject { ["it"] = "A stream" }, null, Cancel));

        Assert.Equal("'it' of shelf#create cannot be A stream; it is one of archive, stream.", e.Message);
    }

    [Fact]
    public async Task Choices_of_numbers_are_compared_as_numbers()
    {
        await using var server = await ServerWithAsync("Integer", """{"include":{"values":[1,2]}}""");
        using var api = await ConnectAsync(server);

        await api.CallAsync("shelf#create", [], new JsonObject { ["it"] = "2" }, null, Cancel);

        await Assert.ThrowsAsync<InvalidInputException>(() => api.CallAsync("shelf#create", [], new JsonObject { ["it"] = 3 }, null, Cancel));
    }

    [Fact]
    public async Task A_secret_is_not_in_the_message()
    {
        await using var server = await ServerWithAsync("String", protect: true);
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<InvalidInputException>(
            () => api.CallAsync("shelf#create", [], new JsonObject { ["it"] = new JsonArray("hush") }, null, Cancel));

        Assert.DoesNotContain("hush", e.ToString());
    }

    [Fact]
    public async Task Lists_and_objects_go_into_a_query_as_rack_reads_them()
    {
        var description = Protocol2;
        description["resources"]!["shelf"]!["actions"]!["index"]!["input"]!["parameters"]!["it"] = JsonNode.Parse("""{"type":"Custom"}""");
        await using var server = await StartAsync(description);
        server.On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));
        using var api = await ConnectAsync(server);

        await api.CallAsync("shelf#index", [], JsonNode.Parse("""{"it":{"a":[1,"x"],"b":null}}""")!.AsObject(), null, Cancel);

        Assert.Equal("/v7.0/shelves?shelf[it][a][]=1&shelf[it][a][]=x&shelf[it][b]=", Uri.UnescapeDataString(server.Received[^1].Target));
    }

    [Fact]
    public async Task BUG_11_a_parameter_is_found_under_the_name_that_this_server_has()
    {
        await using var server = await ServerWithAsync("Boolean");
        using var api = await ConnectAsync(server);

        Assert.Equal("it", api.FindParameter("shelf#create", "maintenance_window", "it"));
        Assert.Null(api.FindParameter("shelf#create", "maintenance_window", "outage_window"));
        Assert.Null(api.FindParameter("shelf#burn", "it"));
    }

    private static async Task<ScriptedServer> ServerWithAsync(string type, string validators = "{}", bool protect = false)
    {
        var description = Protocol2;
        description["resources"]!["shelf"]!["actions"]!["create"]!["input"]!["parameters"]!["it"] = new JsonObject
        {
            ["type"] = type, ["validators"] = JsonNode.Parse(validators), ["protected"] = protect,
        };
        return (await StartAsync(description)).On("POST /v7.0/shelves", Answer.Ok("""{"shelf":{"id":1}}"""));
    }
}
