using System.Text.Json.Nodes;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Calls;

public sealed class CatalogueTests
{
    [Fact]
    public async Task Resources_are_listed_flat_with_their_actions()
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server);

        Assert.Equal(["action_state", "shelf", "shelf.book"], api.Resources.Select(r => r.Path));
        var shelf = api.Resources.Single(r => r.Path == "shelf");
        Assert.Equal("Shelves of a library", shelf.Description);
        var index = shelf.Actions.Single(a => a.Name == "index");
        Assert.Equal(("shelf", "shelf#index", "GET", "/v7.0/shelves", true, false),
            (index.Resource, index.FullName, index.Method, index.Path, index.RequiresLogin, index.IsBlocking));
        Assert.Equal(["list"], index.Aliases);
        Assert.Equal(["id", "room"], index.Output.Select(p => p.Name));
        Assert.True(shelf.Actions.Single(a => a.Name == "create").IsBlocking);
    }

    [Fact]
    public async Task Parameters_say_what_they_take()
    {
        var description = Protocol2;
        description["resources"]!["shelf"]!["actions"]!["create"]!["input"]!["parameters"] = JsonNode.Parse("""
            {
              "kind": {"type":"String","required":false,"nullable":false,"label":"Kind","description":"Of\u001b[31m shelf","default":"square",
                       "validators":{"present":{"empty":false},"include":{"values":{"square":"Square ones","round":null}}}},
              "room": {"type":"Resource","resource":["house","room"],"required":null},
              "key":  {"type":"String","protected":true,"required":true,"validators":{}}
            }
            """);
        await using var server = await StartAsync(description);
        using var api = await ConnectAsync(server);

        var input = api.Resources.Single(r => r.Path == "shelf").Actions.Single(a => a.Name == "create").Input;

        Assert.Equal([("kind", "String", true, false, false), ("room", "Resource", false, true, false), ("key", "String", true, false, true)],
            input.Select(p => (p.Name, p.Type, p.IsRequired, p.IsNullable, p.IsProtected)));
        Assert.Equal(("Kind", "Of [31m shelf", "square"), (input[0].Label, input[0].Description, input[0].Default!.GetValue<string>()));
        Assert.Equal([new DescribedChoice("square", "Square ones"), new DescribedChoice("round", "round")], input[0].Choices);
        Assert.Equal("house.room", input[1].AssociatedResource);
    }

    [Fact]
    public async Task Both_generations_name_the_ids_of_a_path()
    {
        await using var now = await StartAsync();
        await using var then = await StartOldAsync();
        using var newApi = await ConnectAsync(now);
        using var oldApi = await ConnectAsync(then);

        foreach (var api in (HaveApiClient[])[newApi, oldApi])
        {
            Assert.Equal(["shelf_id", "book_id"], api.Resources.Single(r => r.Path == "shelf.book").Actions.Single(a => a.Name == "show").PathParameters);
        }
    }
}
