using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Api;

/// <summary>
/// Protocol 1.0 out of the same declarations (spec/haveapi 11): <c>url</c> with <c>:id</c>, <c>url_params</c>, pages by <c>offset</c>, HTTP
/// status 200 for what an action refuses. Blocking actions are unknown to it: clients look at the object until it is ready.
/// </summary>
internal static partial class FirstProtocol
{
    private static readonly IReadOnlyList<string> LaterActionKeys = ["blocking", "scope"];
    private static readonly IReadOnlyList<string> LaterParameterKeys = ["nullable", "protected"];

    /// <summary>What a declaration is to clients of this protocol.</summary>
    public static IReadOnlyList<ApiResource> Adapt(IReadOnlyList<ApiResource> resources) =>
        [.. resources.Where(r => r.Name != ActionStateResource.Name).Select(Adapt)];

    /// <summary>Statuses that its clients know; all other failures are told in the envelope only.</summary>
    public static int StatusOf(int status) => status is 400 or 401 or 403 or 408 or 413 or 415 or 429 or 503 ? status : StatusCodes.Status200OK;

    /// <param name="action">Described for protocol 2.0; changed in place.</param>
    public static JsonObject Describe(JsonObject action)
    {
        foreach (var key in LaterActionKeys) action.Remove(key);
        Rename(action, "path", "url");
        action["url"] = WithColons((string)action["url"]!);
        action["help"] = WithColons((string)action["help"]!);
        foreach (var parameter in Parameters(action["input"]).Concat(Parameters(action["output"])).Concat(MetaParameters(action["meta"]))) DescribeParameter(parameter);
        if (action["meta"]?["object"]?["output"]?["parameters"] is JsonObject ofObject) Rename(ofObject, "path_params", "url_params");
        foreach (var example in action["examples"]!.AsArray()) example!.AsObject().Remove("path_params");
        return action;
    }

    private static ApiResource Adapt(ApiResource resource) =>
        resource with { Actions = [.. resource.Actions.Select(Adapt)], Children = [.. resource.Children.Select(Adapt)] };

    private static ApiAction Adapt(ApiAction action) => action with
    {
        Blocking = false,
        InvalidInputStatus = StatusCodes.Status200OK,
        Inputs = [.. action.Inputs.Select(p => action.ReturnsList && p.Name == Pages.FromId ? Pages.OffsetInput : p)],
    };

    private static void DescribeParameter(JsonObject parameter)
    {
        foreach (var key in LaterParameterKeys) parameter.Remove(key);
        if (parameter["choices"] is not JsonObject choices) return;
        Rename(choices, "path", "url");
        choices["url"] = WithColons((string)choices["url"]!);
        choices["help"] = WithColons((string)choices["help"]!);
    }

    private static IEnumerable<JsonObject> Parameters(JsonNode? block) =>
        block?["parameters"] is JsonObject parameters ? [.. parameters.Select(p => p.Value!.AsObject())] : [];

    private static IEnumerable<JsonObject> MetaParameters(JsonNode? meta) =>
        meta!.AsObject().Select(m => m.Value).OfType<JsonObject>().SelectMany(m => Parameters(m["input"]).Concat(Parameters(m["output"])));

    private static void Rename(JsonObject node, string from, string to)
    {
        var value = node[from];
        node.Remove(from);
        node[to] = value;
    }

    private static string WithColons(string path) => Placeholder().Replace(path, ":$1");

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Placeholder();
}
