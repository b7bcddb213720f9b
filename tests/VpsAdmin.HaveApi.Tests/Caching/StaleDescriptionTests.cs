using System.Text.Json.Nodes;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Caching;

public sealed class StaleDescriptionTests : CacheTest
{
    [Fact]
    public async Task An_action_that_moved_is_found_by_a_fresh_description()
    {
        await using var server = await StartAsync();
        await FillAsync(server);
        var moved = Protocol2;
        moved["resources"]!["shelf"]!["actions"]!["index"]!["path"] = "/v7.0/racks";
        server.Describe(moved, "7.0", "2.0").On("GET /v7.0/racks", NoShelves);

        using var api = await OpenAsync(server);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CallAsync(api)));

        Assert.Equal(2, server.Received.Count(r => r.Target == "/?describe=versions"));
        using var later = await OpenAsync(server);
        await CallAsync(later);
        Assert.Equal("GET /v7.0/racks", server.Last());
        Assert.Equal(2, server.Received.Count(r => r.Target == "/?describe=versions"));
    }

    [Fact]
    public async Task A_server_that_was_upgraded_to_another_protocol_is_spoken_to_in_it()
    {
        await using var server = await StartOldAsync();
        await FillAsync(server);
        server.Describe(Protocol2, "7.0", "2.0").On("GET /v7.0/shelves/3/books/44", Answer.Ok("""{"book":{"id":44}}"""));

        using var api = await OpenAsync(server);
        var result = await api.CallAsync("shelf.book#show", [3, 44], null, null, Cancel);

        Assert.Equal(44, result.Object["id"]!.GetValue<int>());
        Assert.Equal(("7.0", "2.0"), (api.ApiVersion, api.ProtocolVersion));
    }

    [Theory]
    [InlineData("shelf#burn", "{}")]
    [InlineData("shelf#index", """{"colour":"red"}""")]
    [InlineData("shelf#index", """{"shelf_kind":"round"}""")]
    public async Task What_a_cached_description_lacks_is_looked_for_in_a_fresh_one(string action, string input)
    {
        await using var server = await StartAsync(With("""{"type":"String","validators":{"include":{"values":["square"]}}}"""));
        await FillAsync(server);
        var newer = With("""{"type":"String","validators":{"include":{"values":["square","round"]}}}""");
        newer["resources"]!["shelf"]!["actions"]!["index"]!["input"]!["parameters"]!["colour"] = JsonNode.Parse("""{"type":"String"}""");
        newer["resources"]!["shelf"]!["actions"]!["burn"] = JsonNode.Parse("""{"method":"POST","path":"/v7.0/shelves/burn"}""");
        server.Describe(newer, "7.0", "2.0").On(Shelves, NoShelves).On("POST /v7.0/shelves/burn", Answer.Ok("{}"));

        using var api = await OpenAsync(server);
        await api.CallAsync(action, [], JsonNode.Parse(input)!.AsObject(), null, Cancel);

        Assert.Equal(action == "shelf#burn" ? "POST" : "GET", server.Received[^1].Method);
    }

    [Fact]
    public async Task What_a_fresh_description_lacks_as_well_is_refused_after_one_look()
    {
        await using var server = await StartAsync();
        await FillAsync(server);
        using var api = await OpenAsync(server);
        var before = server.Received.Count;

        await Assert.ThrowsAsync<NotDescribedException>(() => api.CallAsync("shelf#burn", [], null, null, Cancel));
        await Assert.ThrowsAsync<NotDescribedException>(() => api.CallAsync("shelf#burn", [], null, null, Cancel));

        Assert.Equal(before + 3, server.Received.Count);
    }

    [Fact]
    public async Task An_object_that_is_not_found_does_not_put_the_description_in_doubt()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves/3/books/44", Answer.Refuse(404, "object not found"));
        await FillAsync(server);
        using var api = await OpenAsync(server);
        var before = server.Received.Count;

        await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf.book#show", [3, 44], null, null, Cancel));

        Assert.Equal(before + 1, server.Received.Count);
    }

    [Fact]
    public async Task Being_refused_drops_the_description_for_the_next_process()
    {
        await using var server = await StartAsync();
        server.On(Shelves, Answer.Refuse(403, "Access denied. Insufficient permissions."));
        await FillAsync(server);
        using var api = await OpenAsync(server);

        await Assert.ThrowsAsync<ActionFailedException>(() => CallAsync(api));

        Assert.Equal("GET /v7.0/shelves", server.Last());
        Assert.Empty(Directory.GetFiles(Folder));
    }

    private static JsonObject With(string kind)
    {
        var description = Protocol2;
        description["resources"]!["shelf"]!["actions"]!["index"]!["input"]!["parameters"]!["shelf_kind"] = JsonNode.Parse(kind);
        return description;
    }
}
