using System.Text.Json.Nodes;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Tests.Specification;

/// <summary>The examples that actions are described with are calls and answers of those actions.</summary>
public sealed class ExampleTests
{
    private static readonly List<(string Scope, ApiAction Action, ActionExample Example)> All =
        [.. new RouteTable("/v7.0", AllResources.List).Routes.SelectMany(static r => r.Action.Examples.Select(e => (r.Scope, r.Action, e)))];

    public static TheoryData<string> Titles => [.. All.Select(static e => $"{e.Scope}: {e.Example.Title}")];

    [Theory]
    [MemberData(nameof(Titles))]
    public void It_sends_and_shows_what_the_action_has(string title)
    {
        var (_, action, example) = All.Single(e => $"{e.Scope}: {e.Example.Title}" == title);
        Assert.Empty(Names(example.Request).Except(action.Inputs.Select(static i => i.Name)));
        Assert.Empty(Names(example.Response).Except(action.Outputs.Select(static o => o.Name)));
        Assert.Equal(action.ReturnsList, example.Response is JsonArray);
        if (example.Request is JsonObject && example.Message is null)
            Assert.Empty(action.Inputs.Where(static i => i.Required).Select(static i => i.Name).Except(Names(example.Request)));
        foreach (var (name, value) in example.Request as JsonObject ?? [])
            Assert.True(action.Inputs.Single(i => i.Name == name).Choices is not { } choices || choices.Contains((string?)value), $"{name} cannot be {value}.");
    }

    private static IEnumerable<string> Names(JsonNode? values) => values switch
    {
        JsonArray many => many.SelectMany(Names),
        JsonObject one => one.Select(static v => v.Key),
        _ => [],
    };
}
