using System.Text.Json.Nodes;
using System.Web;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Calls;

public sealed class ListTests
{
    private const string Filled = """{"type":"Integer","default":25,"validators":{"number":{"min":0,"max":3}}}""";

    [Fact]
    public async Task A_list_that_is_not_cut_by_the_server_is_asked_for_whole()
    {
        await using var server = await ServerAsync("""{"type":"Integer","default":null}""", "from_id", Rows(5, 1, 4));

        Assert.Equal([5, 1, 4], await ListAsync(server));

        Assert.Equal("GET /v7.0/shelves", server.Last());
    }

    [Fact]
    public async Task Only_the_first_rows_are_a_limit_where_there_is_one()
    {
        await using var server = await ServerAsync("""{"type":"Integer","validators":{"number":{"max":1000}}}""", "from_id", Rows(5, 1));

        Assert.Equal([5, 1], await ListAsync(server, first: 2));

        Assert.Equal("GET /v7.0/shelves?shelf%5Blimit%5D=2", server.Last());
    }

    [Fact]
    public async Task More_than_a_server_gives_at_once_is_asked_for_without_a_limit()
    {
        await using var server = await ServerAsync("""{"type":"Integer","validators":{"number":{"max":3}}}""", "from_id", Rows(5, 1, 7, 8, 9));

        Assert.Equal([5, 1, 7, 8], await ListAsync(server, first: 4));

        Assert.Equal("GET /v7.0/shelves", server.Last());
    }

    [Fact]
    public async Task Pages_by_id_go_on_behind_the_last_id_up_or_down()
    {
        await using var up = await ServerAsync(Filled, "from_id", Rows(1, 2, 5), Rows(7, 8, 9), Rows(10));
        await using var down = await ServerAsync(Filled, "from_id", Rows(9, 8, 5), Rows(4));

        Assert.Equal([1, 2, 5, 7, 8, 9, 10], await ListAsync(up));
        Assert.Equal([9, 8, 5, 4], await ListAsync(down));

        Assert.Equal([(null, "3"), ("5", "3"), ("9", "3")], up.Received.Skip(2).Select(r => (Asked(r, "from_id"), Asked(r, "limit"))));
        Assert.Equal([null, "5"], down.Received.Skip(2).Select(r => Asked(r, "from_id")));
    }

    [Fact]
    public async Task Pages_by_offset_count_the_rows()
    {
        await using var server = await ServerAsync(Filled, "offset", Rows(9, 1, 5), Rows(3, 2, 8), Rows());

        Assert.Equal([9, 1, 5, 3, 2, 8], await ListAsync(server));

        Assert.Equal([null, "3", "6"], server.Received.Skip(2).Select(r => Asked(r, "offset")));
    }

    [Fact]
    public async Task A_row_that_moved_to_the_next_page_is_not_listed_twice()
    {
        await using var server = await ServerAsync(Filled, "offset", Rows(9, 8, 7), Rows(7, 6, 5), Rows(4));

        Assert.Equal([9, 8, 7, 6, 5, 4], await ListAsync(server));
    }

    [Theory]
    [InlineData("from_id")]
    [InlineData("offset")]
    public async Task A_server_that_does_not_notice_the_parameter_is_not_asked_for_ever(string cursor)
    {
        await using var server = await ServerAsync(Filled, cursor, Rows(1, 2, 3));

        Assert.Equal([1, 2, 3], await ListAsync(server));

        Assert.Equal(4, server.Received.Count);
    }

    [Fact]
    public async Task Only_so_many_rows_of_pages_are_fetched()
    {
        await using var server = await ServerAsync(Filled, "from_id", Rows(1, 2, 3), Rows(4, 5, 6));

        Assert.Equal([1, 2, 3, 4], await ListAsync(server, first: 4));
        Assert.Equal(4, server.Received.Count);
    }

    [Theory]
    [InlineData("""[{"id":5},{"id":1},{"id":7}]""")]
    [InlineData("""[{"id":1},{"name":"x"},{"id":7}]""")]
    public async Task An_order_that_pages_by_id_would_skip_rows_of_is_said(string rows)
    {
        await using var server = await ServerAsync(Filled, "from_id", Answer.Ok($$"""{"shelves":{{rows}}}"""));

        await Assert.ThrowsAsync<ProtocolException>(() => ListAsync(server));
    }

    [Fact]
    public async Task Whoever_pages_by_hand_is_not_helped()
    {
        await using var server = await ServerAsync(Filled, "from_id", Rows(1, 2, 3));

        Assert.Equal([1, 2, 3], await ListAsync(server, new JsonObject { ["limit"] = 3, ["from_id"] = 0 }));

        Assert.Equal(3, server.Received.Count);
    }

    [Fact]
    public async Task Filters_go_with_every_page()
    {
        await using var server = await ServerAsync(Filled, "offset", Rows(1, 2, 3), Rows(4));

        await ListAsync(server, new JsonObject { ["topic"] = "maps" });

        Assert.All(server.Received.Skip(2), r => Assert.Equal("maps", Asked(r, "topic")));
    }

    private static async Task<ScriptedServer> ServerAsync(string limit, string cursor, params RequestDelegate[] pages)
    {
        var description = Protocol2;
        var parameters = description["resources"]!["shelf"]!["actions"]!["index"]!["input"]!["parameters"]!;
        parameters["limit"] = JsonNode.Parse(limit);
        parameters[cursor] = JsonNode.Parse("""{"type":"Integer"}""");
        return (await StartAsync(description)).On("GET /v7.0/shelves", pages);
    }

    private static async Task<List<int>> ListAsync(ScriptedServer server, JsonObject? input = null, int? first = null)
    {
        using var api = await ConnectAsync(server);
        var ids = new List<int>();
        await foreach (var row in api.ListAsync("shelf#index", [], input, first, null, Cancel))
            ids.Add(row["id"]?.GetValue<int>() ?? 0);
        return ids;
    }

    private static RequestDelegate Rows(params int[] ids) =>
        Answer.Ok(new JsonObject { ["shelves"] = new JsonArray([.. ids.Select(id => new JsonObject { ["id"] = id })]) });

    private static string? Asked(Received request, string parameter) =>
        HttpUtility.ParseQueryString(request.Target.Split('?').ElementAtOrDefault(1) ?? "")[$"shelf[{parameter}]"];
}
