using System.Text.Json.Nodes;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Calls;

public sealed class CallTests
{
    [Fact]
    public async Task Input_of_get_is_a_query_percent_encoded_under_the_described_namespace()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));
        using var api = await ConnectAsync(server);
        var input = new JsonObject { ["topic"] = "a&b=c č+d", ["limit"] = 5, ["open"] = true, ["height"] = 2.5, ["room"] = null };

        await api.CallAsync("shelf#index", [], input, null, Cancel);

        Assert.Equal(
            "GET /v7.0/shelves?shelf%5Btopic%5D=a%26b%3Dc%20%C4%8D%2Bd&shelf%5Blimit%5D=5&shelf%5Bopen%5D=true&shelf%5Bheight%5D=2.5&shelf%5Broom%5D=",
            server.Last());
    }

    [Fact]
    public async Task Input_of_post_is_typed_json_under_the_described_namespace()
    {
        await using var server = await StartAsync();
        server.On("POST /v7.0/shelves", Answer.Ok("""{"shelf":{"id":1},"_meta":{}}"""));
        using var api = await ConnectAsync(server);
        var input = new JsonObject { ["topic"] = "maps", ["open"] = false, ["room"] = null };

        var result = await api.CallAsync("shelf#create", [], input, null, Cancel);

        Assert.Equal("""POST /v7.0/shelves {"shelf":{"topic":"maps","open":false,"room":null}}""", server.Last());
        Assert.Equal("application/json", server.Received[^1].Headers["Content-Type"]);
        Assert.Equal(1, result.Object["id"]!.GetValue<int>());
    }

    [Fact]
    public async Task Input_of_delete_is_in_the_body_and_ids_are_in_the_path_left_to_right()
    {
        await using var server = await StartAsync();
        server.On("DELETE /v7.0/shelves/3/books/44", Answer.Ok("""{"book":{},"_meta":{"action_state_id":9}}"""));
        using var api = await ConnectAsync(server);

        var result = await api.CallAsync("shelf.book#delete", [3, 44], new JsonObject { ["reason"] = "water" }, null, Cancel);

        Assert.Equal("""DELETE /v7.0/shelves/3/books/44 {"book":{"reason":"water"}}""", server.Last());
        Assert.Equal(9, result.ActionStateId);
    }

    [Theory]
    [InlineData("shelf#list", "GET /v7.0/shelves")]
    [InlineData("shelf#new", "POST /v7.0/shelves {\"shelf\":{}}")]
    public async Task Aliases_are_understood(string action, string request)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Ok("{}")).On("POST /v7.0/shelves", Answer.Ok("{}"));
        using var api = await ConnectAsync(server);

        await api.CallAsync(action, [], null, null, Cancel);

        Assert.Equal(request, server.Last());
    }

    [Fact]
    public async Task An_alias_does_not_hide_an_action()
    {
        var description = Protocol2;
        description["resources"]!["shelf"]!["actions"]!["create"]!["aliases"] = new JsonArray("index");
        await using var server = await StartAsync(description);
        using var api = await ConnectAsync(server);

        Assert.Equal("GET", api.Describe("shelf#index").Method);
    }

    [Fact]
    public async Task Wishes_are_sent_where_the_action_offers_them()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[],"_meta":{"total_count":45}}"""))
            .On("POST /v7.0/shelves", Answer.Ok("""{"shelf":{"id":1},"_meta":{"path_params":[1],"resolved":true}}"""));
        using var api = await ConnectAsync(server);
        var wishes = new CallMeta(["room", "room__house"], Count: true);

        var list = await api.CallAsync("shelf#index", [], null, wishes, Cancel);
        Assert.Equal("GET /v7.0/shelves?_meta%5Bcount%5D=true&_meta%5Bincludes%5D=room%2Croom__house", server.Last());
        Assert.Equal(45, list.TotalCount);

        var one = await api.CallAsync("shelf#create", [], new JsonObject { ["topic"] = "x" }, wishes, Cancel);
        Assert.Equal("""POST /v7.0/shelves {"shelf":{"topic":"x"},"_meta":{"includes":"room,room__house"}}""", server.Last());
        Assert.Equal([1], one.PathIds!);
    }

    [Fact]
    public async Task A_parameter_that_is_not_described_is_refused_before_anything_is_sent()
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server);
        var before = server.Received.Count;

        var e = await Assert.ThrowsAsync<NotDescribedException>(
            () => api.CallAsync("shelf#index", [], new JsonObject { ["offset"] = 1 }, null, Cancel));

        Assert.Equal("The server describes shelf#index without the parameter 'offset'.", e.Message);
        Assert.Equal(before, server.Received.Count);
    }

    [Fact]
    public async Task Null_for_a_parameter_that_cannot_be_null_is_refused()
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<NotDescribedException>(
            () => api.CallAsync("shelf#index", [], new JsonObject { ["topic"] = null }, null, Cancel));
    }

    [Theory]
    [InlineData("page#index")]
    [InlineData("shelf#burn")]
    [InlineData("book#show")]
    [InlineData("shelf")]
    public async Task An_action_that_is_not_described_is_refused(string action)
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<NotDescribedException>(() => api.CallAsync(action, [], null, null, Cancel));

        Assert.Contains($"'{action}'", e.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Another_number_of_ids_than_the_path_has_is_refused(int count)
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<NotDescribedException>(
            () => api.CallAsync("shelf.book#show", [.. Enumerable.Repeat(1L, count)], null, null, Cancel));
    }

    [Theory]
    [InlineData("@elsewhere.example/v7.0/shelves")]
    [InlineData(".elsewhere.example/shelves")]
    [InlineData("//elsewhere.example/shelves")]
    [InlineData("https://elsewhere.example/shelves")]
    [InlineData("/v7.0/../other")]
    [InlineData("/..")]
    [InlineData("/v7.0/shelves?a=b")]
    [InlineData("/v7.0/shelves#x")]
    [InlineData("/v7.0\\shelves")]
    [InlineData("/v7.0/shelves\n")]
    [InlineData("")]
    public async Task A_path_that_could_lead_elsewhere_is_refused(string path)
    {
        var description = Protocol2;
        description["resources"]!["shelf"]!["actions"]!["index"]!["path"] = path;
        await using var server = await StartAsync(description);
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<ProtocolException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));
    }

    [Theory]
    [InlineData("""{"_meta":{"action_state_id":null}}""", null)]
    [InlineData("""{"_meta":{}}""", null)]
    [InlineData("{}", null)]
    [InlineData("""{"_meta":{"action_state_id":12}}""", 12L)]
    public async Task A_blocking_action_goes_on_when_it_has_a_state(string response, long? state)
    {
        await using var server = await StartAsync();
        server.On("POST /v7.0/shelves", Answer.Ok(response));
        using var api = await ConnectAsync(server);

        Assert.Equal(state, (await api.CallAsync("shelf#create", [], null, null, Cancel)).ActionStateId);
    }

    [Fact]
    public async Task An_action_that_does_not_block_has_no_state()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[],"_meta":{"action_state_id":12}}"""));
        using var api = await ConnectAsync(server);

        Assert.Null((await api.CallAsync("shelf#index", [], null, null, Cancel)).ActionStateId);
    }

    [Theory]
    [InlineData("\"12\"")]
    [InlineData("-1")]
    [InlineData("1.5")]
    public async Task A_state_that_is_not_an_id_is_refused(string id)
    {
        await using var server = await StartAsync();
        server.On("POST /v7.0/shelves", Answer.Ok($$$"""{"_meta":{"action_state_id":{{{id}}}}}"""));
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<ProtocolException>(() => api.CallAsync("shelf#create", [], null, null, Cancel));
    }

    [Theory]
    [InlineData("""{"shelves":{}}""")]
    [InlineData("""{"shelves":[1]}""")]
    [InlineData("""{"shelves":[null]}""")]
    [InlineData("""{"shelf":[]}""")]
    public async Task A_list_that_is_none_is_refused(string response)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Ok(response));
        using var api = await ConnectAsync(server);
        var result = await api.CallAsync("shelf#index", [], null, null, Cancel);

        Assert.Throws<ProtocolException>(() => result.List);
    }
}
