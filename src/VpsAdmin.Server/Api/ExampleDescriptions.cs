using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>Examples as clients read them; values that the reader may not send or see are left out.</summary>
internal static class ExampleDescriptions
{
    public static JsonArray Describe(ApiAction action, Caller? onlyFor)
    {
        var sent = action.Inputs.Where(p => onlyFor is null || p.IsOpenTo(onlyFor)).Select(p => p.Name).ToHashSet();
        var seen = action.Outputs.Where(p => onlyFor is null || p.IsOpenTo(onlyFor)).Select(p => p.Name).ToHashSet();
        return
        [
            .. action.Examples.Select(e => new JsonObject
            {
                ["title"] = e.Title,
                ["comment"] = e.Comment,
                ["path_params"] = new JsonArray([.. e.PathIds.Select(id => JsonValue.Create(id))]),
                ["request"] = Only(e.Request, sent),
                ["response"] = Only(e.Response, seen),
                ["status"] = e.Message is null,
                ["message"] = e.Message,
                ["errors"] = null,
                ["http_status"] = StatusCodes.Status200OK,
            }),
        ];
    }

    private static JsonNode? Only(JsonNode? values, HashSet<string> names) => values switch
    {
        JsonObject one => new JsonObject(one.Where(v => names.Contains(v.Key)).Select(v => KeyValuePair.Create(v.Key, v.Value?.DeepClone()))),
        JsonArray many => new JsonArray([.. many.Select(v => Only(v, names))]),
        _ => values?.DeepClone(),
    };
}
