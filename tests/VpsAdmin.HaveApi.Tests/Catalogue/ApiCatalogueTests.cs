using System.Text.Json;
using VpsAdmin.HaveApi.Catalogue;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Tests.Catalogue;

public sealed class ApiCatalogueTests
{
    [Fact]
    public void Resources_inside_of_others_have_the_path_as_their_name() =>
        Assert.Equal(["dataset:index,create", "dataset.snapshot:show"], ApiCatalogue.Resources(Read(Datasets)).Select(r => $"{r.Resource}:{string.Join(',', r.Actions)}"));

    [Fact]
    public void An_action_tells_its_ids_in_their_order_in_both_generations()
    {
        var show = Assert.Single(ApiCatalogue.Actions(Read(Datasets), "dataset.snapshot"));
        Assert.Equal("dataset.snapshot#show", show.ToString());
        Assert.Equal(["dataset_id", "snapshot_id"], show.Ids);
        Assert.Equal(["dataset_id"], Assert.Single(ApiCatalogue.Actions(Read(Old), "dataset")).Ids);
        Assert.Empty(ApiCatalogue.Actions(Read(Datasets), "nothing"));
    }

    [Fact]
    public void A_parameter_tells_what_it_takes()
    {
        var parameters = ApiCatalogue.Actions(Read(Datasets), "dataset").Single(a => a.Action == "index").Parameters.ToDictionary(p => p.Parameter);
        Assert.Equal(25L, parameters["limit"].Default);
        Assert.Equal(["primary", "backup"], parameters["role"].Choices);
        Assert.Equal(["a", "b"], parameters["kind"].Choices);
        Assert.True(parameters["role"].IsRequired);
        Assert.False(parameters["role"].IsNullable);
        Assert.Equal("dataset.snapshot", parameters["snapshot"].Target);
        Assert.True(parameters["snapshot"].IsNullable);
    }

    [Fact]
    public void What_a_server_wrote_does_not_reach_the_terminal_as_it_is()
    {
        var description = Read("""
            {"resources":{"bad\u001b[2Jname":{"actions":{}},"two words":{"actions":{}},"good":{"description":"a\u001b[2Jb","actions":{
              "run":{"method":"POST","path":"/good","aliases":["x\u0007"],"input":{"parameters":{"p\nq":{"type":"String"},"ok":{"type":"String","label":"l\u0000l","default":"\u001b"},"gone":null}}}}}}}
            """);
        var resource = Assert.Single(ApiCatalogue.Resources(description));
        Assert.Equal("a [2Jb", resource.Description);
        var action = Assert.Single(ApiCatalogue.Actions(description, "good"));
        Assert.Empty(action.Aliases);
        Assert.Equal(("ok", "l l", ""), (Assert.Single(action.Parameters).Parameter, action.Parameters[0].Label, action.Parameters[0].Default));
    }

    private static ApiDescription Read(string json) => JsonSerializer.Deserialize(json, HaveApiJson.Default.ApiDescription)!;

    private const string Datasets = """
        {"resources":{"dataset":{"description":"Datasets","actions":{
            "index":{"method":"GET","path":"/v7.0/datasets","aliases":["list"],"input":{"namespace":"dataset","parameters":{
                "limit":{"type":"Integer","default":25,"validators":{}},
                "role":{"type":"String","required":true,"validators":{"include":{"values":["primary","backup"]}}},
                "kind":{"type":"String","validators":{"include":{"values":{"a":"First","b":"Second"}}}},
                "snapshot":{"type":"Resource","resource":["dataset","snapshot"],"required":null,"nullable":true}}}},
            "create":{"method":"POST","path":"/v7.0/datasets","blocking":true}},
          "resources":{"snapshot":{"actions":{"show":{"method":"GET","path":"/v7.0/datasets/{dataset_id}/snapshots/{snapshot_id}"}}}}}}}
        """;

    private const string Old = """{"resources":{"dataset":{"actions":{"show":{"method":"GET","url":"/v2.0/datasets/:dataset_id"}}}}}""";
}
