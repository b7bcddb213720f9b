using System.Text.Json.Nodes;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Specification;

/// <summary>What the server describes to an administrator, to a member and to a stranger, beside the table of what clients know.</summary>
public sealed class DeclarationTests(SpecifiedServer server) : IClassFixture<SpecifiedServer>
{
    public static TheoryData<string> Actions => [.. DeclaredAction.All.Select(static action => action.ToString())];

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task The_server_describes_the_action_as_clients_know_it(string name)
    {
        var declared = DeclaredAction.All.Single(action => action.ToString() == name);
        var described = Find(await server.DescribeAsync("admin"), declared);

        Assert.NotNull(described);
        Assert.Equal((declared.Method, "/v7.0" + declared.Path), ((string?)described["method"], (string?)described["path"]));
        Assert.Equal(declared.IsBlocking, (bool)described["blocking"]!);
        Assert.Equal(declared.Who != "everybody", (bool)described["auth"]!);
        Compare(declared.Inputs, Parameters(described, "input"));
        Compare(declared.Outputs, Parameters(described, "output"));
    }

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task Members_learn_of_nothing_that_is_for_administrators(string name)
    {
        var declared = DeclaredAction.All.Single(action => action.ToString() == name);
        var described = Find(await server.DescribeAsync("joe"), declared);

        Assert.Equal(declared.Who == "admin", described is null);
        foreach (var (kind, parameters) in new[] { ("input", declared.Inputs), ("output", declared.Outputs) })
            Assert.Equal(
                described is null ? [] : parameters.Where(static p => !p.IsForAdministrators).Select(static p => p.Name),
                parameters.Select(static p => p.Name).Where(p => described is not null && Parameters(described, kind).ContainsKey(p)));
    }

    private static void Compare(IReadOnlyList<DeclaredParameter> declared, JsonObject described)
    {
        foreach (var parameter in declared)
        {
            var found = described[parameter.Name];
            Assert.True(found is not null, $"There is no {parameter.Name}.");
            Assert.Equal((parameter.Name, parameter.Type), (parameter.Name, (string?)found["type"]));
            Assert.Equal((parameter.Name, parameter.IsRequired), (parameter.Name, (bool?)found["required"] ?? false));
            if (parameter.Default is not null)
                Assert.Equal((parameter.Name, parameter.Default), (parameter.Name, found["default"]?.ToString()));
            var choices = found["validators"]?["include"]?["values"];
            Assert.Equal(parameter.Choices, choices is JsonArray list ? list.Select(static value => value!.ToString()) : []);
        }
    }

    private static JsonObject Parameters(JsonNode action, string kind) => action[kind]?["parameters"] as JsonObject ?? [];

    private static JsonNode? Find(JsonNode api, DeclaredAction declared)
    {
        var resource = declared.Resource.Split('.').Aggregate((JsonNode?)api, static (node, name) => node?["resources"]?[name]);
        return resource?["actions"]?[declared.Action];
    }
}
