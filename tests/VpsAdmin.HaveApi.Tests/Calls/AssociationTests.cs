using System.Text.Json.Nodes;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Calls;

public sealed class AssociationTests
{
    [Theory]
    [InlineData("""{"path_params":[3,44]}""", "3", "3,44")]
    [InlineData("""{"url_params":[3,44]}""", "3", "3,44")]
    // HaveAPI before 0.8: parents are left out of lists.
    [InlineData("""{"url_params":[44]}""", "3", "3,44")]
    // Since 0.28 a blocking action says only its state.
    [InlineData("""{"action_state_id":2}""", "3", "3,44")]
    [InlineData("""{"path_params":[]}""", "3", "3,44")]
    [InlineData("""{"path_params":null}""", "3", "3,44")]
    // After a DELETE.
    [InlineData("""{"url_params":[null]}""", "3,44", "3,44")]
    [InlineData("{}", "", null)]
    public async Task The_path_of_an_object_is_what_the_server_says_or_else_what_was_called(string meta, string called, string? path)
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server);
        var result = new ActionResult(JsonNode.Parse("""{"id":44}"""), JsonNode.Parse(meta)!.AsObject(), null);

        var found = api.PathOf("shelf.book#index", called.Split(',', StringSplitOptions.RemoveEmptyEntries), result);

        Assert.Equal(path, found is null ? null : string.Join(',', found));
    }

    [Fact]
    public async Task The_length_of_a_path_is_that_of_its_show_action()
    {
        await using var server = await StartAsync();
        server.On("DELETE /v7.0/shelves/3/books/44", Answer.Ok("""{"book":{},"_meta":{"action_state_id":9}}"""));
        using var api = await ConnectAsync(server);

        var result = await api.CallAsync("shelf.book#delete", [3, 44], null, null, Cancel);

        Assert.Equal(["3", "44"], api.PathOf("shelf.book#delete", ["3", "44"], result)!);
        Assert.Equal(["3", "45"], api.PathOf("shelf.book#index", ["3"], JsonNode.Parse("""{"id":45,"_meta":{"url_params":[45]}}""")!.AsObject())!);
    }

    [Fact]
    public async Task An_association_is_shown_by_its_own_path_and_one_that_was_included_is_taken_as_it_is()
    {
        var description = Protocol2;
        description["resources"]!["shelf"]!["actions"]!["index"]!["output"]!["parameters"]!["best"] =
            JsonNode.Parse("""{"type":"Resource","resource":["shelf","book"],"value_id":"id","value_label":"title"}""");
        await using var server = await StartAsync(description);
        server.On("GET /v7.0/shelves/3/books/44", Answer.Ok("""{"book":{"id":44,"pages":5}}"""));
        using var api = await ConnectAsync(server);
        var reference = JsonNode.Parse("""{"id":44,"title":"x","_meta":{"path_params":[3,44],"resolved":false}}""")!.AsObject();
        var whole = JsonNode.Parse("""{"id":44,"pages":6,"_meta":{"path_params":[3,44],"resolved":true}}""")!.AsObject();
        var before = server.Received.Count;

        Assert.Same(whole, await api.LoadAsync("shelf#index", "best", whole, Cancel));
        Assert.Equal(before, server.Received.Count);
        Assert.Equal(5, (await api.LoadAsync("shelf#index", "best", reference, Cancel))["pages"]!.GetValue<int>());
        await Assert.ThrowsAsync<NotDescribedException>(() => api.LoadAsync("shelf#index", "id", reference, Cancel));
    }
}
