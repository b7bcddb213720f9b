using System.Text.Json.Nodes;

namespace VpsAdmin.Lab.Vps2016;

/// <summary>The self-description of HaveAPI 0.5: <c>url</c> with colons; neither <c>blocking</c> nor <c>nullable</c>, <c>scope</c> or <c>path</c>.</summary>
internal static class OldDescription
{
    public static JsonObject Version(string prefix, IReadOnlyList<OldAction> actions, IReadOnlyList<OldAction> tokens) => new()
    {
        ["authentication"] = new JsonObject
        {
            ["basic"] = new JsonObject(),
            ["token"] = new JsonObject
            {
                ["http_header"] = OldVpsAdmin.TokenHeader,
                ["query_parameter"] = "_auth_token",
                ["resources"] = new JsonObject { ["token"] = Resource("token", "", tokens) },
            },
        },
        ["resources"] = Resources("", prefix, actions),
        ["meta"] = new JsonObject { ["namespace"] = "_meta" },
        ["help"] = prefix + "/",
    };

    public static JsonObject Action(OldAction action, string prefix) => new()
    {
        ["auth"] = action.Auth,
        ["description"] = null,
        ["aliases"] = action.Alias is { } alias ? new JsonArray(alias) : [],
        ["input"] = Parameters(action.Input, "object", action.Singular, prefix),
        ["output"] = Parameters(action.Output, action.IsList ? "object_list" : "object", action.OutputNamespace, prefix),
        ["meta"] = new JsonObject
        {
            ["object"] = null,
            ["global"] = new JsonObject
            {
                ["input"] = new JsonObject
                {
                    ["parameters"] = new JsonObject { ["no"] = Parameter(new OldParameter("no", "Boolean"), prefix) },
                    ["layout"] = "hash",
                    ["namespace"] = false,
                },
                ["output"] = null,
            },
        },
        ["examples"] = new JsonArray(),
        ["url"] = prefix + action.Url,
        ["method"] = action.Method,
        ["help"] = $"{prefix}{action.Url}?method={action.Method}",
    };

    /// <param name="parent">Path with a dot at its end, or nothing.</param>
    private static JsonObject Resources(string parent, string prefix, IReadOnlyList<OldAction> actions)
    {
        var names = actions.Where(a => a.Resource.StartsWith(parent, StringComparison.Ordinal)).Select(a => a.Resource[parent.Length..].Split('.')[0]).Distinct();
        return new JsonObject(names.Select(name => KeyValuePair.Create<string, JsonNode?>(name, Resource(parent + name, prefix, actions))));
    }

    private static JsonObject Resource(string path, string prefix, IReadOnlyList<OldAction> actions) => new()
    {
        ["description"] = null,
        ["actions"] = new JsonObject(actions.Where(a => a.Resource == path).Select(a => KeyValuePair.Create<string, JsonNode?>(a.Name, Action(a, prefix)))),
        ["resources"] = Resources(path + ".", prefix, actions),
    };

    private static JsonObject Parameters(OldParameter[] parameters, string layout, string ns, string prefix) => new()
    {
        ["parameters"] = new JsonObject(parameters.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Name, Parameter(p, prefix)))),
        ["layout"] = layout,
        ["namespace"] = ns,
    };

    private static JsonObject Parameter(OldParameter parameter, string prefix)
    {
        var json = new JsonObject { ["required"] = parameter.Required, ["label"] = parameter.Name, ["description"] = null, ["type"] = parameter.Type };
        if (parameter.Resource is { } resource)
        {
            json["resource"] = new JsonArray([.. resource.Select(name => JsonValue.Create(name))]);
            json["value_id"] = "id";
            json["value_label"] = parameter.Label;
            json["value"] = null;
            json["choices"] = new JsonObject { ["url"] = $"{prefix}/{resource[^1]}s", ["method"] = "GET", ["help"] = $"{prefix}/{resource[^1]}s?method=GET" };
            return json;
        }
        var validators = new JsonObject();
        if (parameter.Required)
            validators["present"] = new JsonObject { ["empty"] = false, ["message"] = "must be present and non-empty" };
        if (parameter.Choices is { } choices)
            validators["include"] = new JsonObject { ["values"] = new JsonArray([.. choices.Select(c => JsonValue.Create(c))]), ["message"] = "%{value} cannot be used" };
        json["validators"] = validators;
        json["default"] = parameter.Default is { } value ? JsonNode.Parse(value) : null;
        return json;
    }
}
