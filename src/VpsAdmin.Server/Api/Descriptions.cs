using System.Text.Json.Nodes;
using VpsAdmin.Server.Accounts;

namespace VpsAdmin.Server.Api;

/// <summary>
/// The API described to its clients, out of the declarations (spec/haveapi 2). Written key by key: what clients of other languages read
/// includes nulls and an order that typed records would not keep.
/// </summary>
/// <param name="oauth">Null: nobody logs in with a browser.</param>
internal sealed class Descriptions(RouteTable api, RouteTable tokens, HaveApiOptions options, OAuthOffer? oauth = null)
{
    /// <param name="onlyFor">What this caller may not use is left out; null: nothing is.</param>
    public JsonObject Version(Caller? onlyFor) => new()
    {
        ["authentication"] = Authentication(onlyFor),
        ["resources"] = Resources(api.Resources, onlyFor, options.HideFromAnonymous),
        ["meta"] = new JsonObject { ["namespace"] = RequestInput.MetaNamespace },
        ["help"] = $"{api.Prefix}/",
    };

    private JsonObject Authentication(Caller? onlyFor)
    {
        var described = new JsonObject
        {
            ["basic"] = new JsonObject { ["description"] = "User name and password with every request (HTTP Basic)." },
            ["token"] = new JsonObject
            {
                ["http_header"] = RequestAuthentication.TokenHeader,
                ["query_parameter"] = RequestAuthentication.TokenQueryParameter,
                ["description"] = "A token requested once with user name and password, then sent with every request, in the header or in the query.",
                ["resources"] = Resources(tokens.Resources, onlyFor, hideFromAnonymous: false),
            },
        };
        if (oauth is not null && options.Protocol != HaveApiProtocol.First) described["oauth2"] = oauth.Describe();
        return described;
    }

    public JsonObject Versions() => new() { ["versions"] = new JsonArray(options.ApiVersion), ["default"] = options.ApiVersion };

    public JsonObject AllVersions(Caller? onlyFor) => new()
    {
        ["default_version"] = options.ApiVersion,
        ["versions"] = new JsonObject { ["default"] = Version(onlyFor), [options.ApiVersion] = Version(onlyFor) },
    };

    /// <param name="ids">By placeholder, to be filled into paths; empty: paths keep their placeholders.</param>
    public JsonObject Action(Route route, IReadOnlyDictionary<string, string> ids, Caller? onlyFor)
    {
        var action = route.Action;
        var kind = action.PlainHash ? "hash" : "object";
        var parameters = new ParameterDescriptions(api, ids);
        var path = ParameterDescriptions.Fill(route.Path, ids);
        var described = new JsonObject
        {
            ["auth"] = action.RequiresLogin,
            ["description"] = action.Description,
            ["aliases"] = new JsonArray([.. action.Aliases.Select(a => JsonValue.Create(a))]),
            ["blocking"] = action.Blocking,
            ["input"] = Block(action.Inputs.Where(p => onlyFor is null || p.IsOpenTo(onlyFor)).Select(p => (p.Name, parameters.Describe(p))), kind, route.Resource.Name),
            ["output"] = Block(
                action.Outputs.Where(p => onlyFor is null || p.IsOpenTo(onlyFor)).Select(p => (p.Name, parameters.Describe(p))),
                action.ReturnsList ? $"{kind}_list" : kind,
                route.OutputNamespace),
            ["meta"] = Meta(action),
            ["examples"] = ExampleDescriptions.Describe(action, onlyFor),
            ["scope"] = route.Scope,
            ["path"] = path,
            ["method"] = action.Method,
            ["help"] = ParameterDescriptions.Help(path, action.Method),
        };
        return options.Protocol == HaveApiProtocol.First ? FirstProtocol.Describe(described) : described;
    }

    private JsonObject Resources(IEnumerable<ResourceRoutes> resources, Caller? onlyFor, bool hideFromAnonymous)
    {
        var described = new JsonObject();
        foreach (var resource in resources)
        {
            var children = Resources(resource.Children, onlyFor, hideFromAnonymous);
            var actions = new JsonObject();
            foreach (var route in resource.Actions.Where(r => onlyFor is null ? !hideFromAnonymous || !r.Action.RequiresLogin : r.IsOpenTo(onlyFor)))
                actions[route.Action.Name] = Action(route, new Dictionary<string, string>(), onlyFor);
            if (actions.Count == 0 && children.Count == 0) continue;
            described[resource.Resource.Name] = new JsonObject { ["description"] = resource.Resource.Description, ["actions"] = actions, ["resources"] = children };
        }

        return described;
    }

    private static JsonObject Meta(ApiAction action)
    {
        var input = new List<(string, JsonObject)> { ("no", ParameterDescriptions.Plain(ParameterType.Boolean, "Disable metadata")) };
        if (action.ReturnsList) input.Add(("count", ParameterDescriptions.Plain(ParameterType.Boolean, "Return total count", @default: false)));
        if (!action.PlainHash)
            input.Add(("includes", ParameterDescriptions.Plain(ParameterType.Custom, "Included associations", "Names with commas between them; __ leads to associations of associations: user,parent__user")));
        var output = new List<(string, JsonObject)>();
        if (action.ReturnsList) output.Add(("total_count", ParameterDescriptions.Plain(ParameterType.Integer, "Total item count")));
        if (action.Blocking)
            output.Add(("action_state_id", ParameterDescriptions.Plain(ParameterType.Integer, "Action state ID", "State to poll; null when the action is done already")));
        var ofObject = new List<(string, JsonObject)>
        {
            ("path_params", ParameterDescriptions.Plain(ParameterType.Custom, "URL parameters", "Ids that the path of this object takes, left to right")),
            ("resolved", ParameterDescriptions.Plain(ParameterType.Boolean, "Resolved", "True if the association has been loaded")),
        };
        return new JsonObject
        {
            ["object"] = action.PlainHash ? null : new JsonObject { ["input"] = null, ["output"] = Block(ofObject, "hash", false) },
            ["global"] = new JsonObject { ["input"] = Block(input, "hash", false), ["output"] = output.Count == 0 ? null : Block(output, "hash", false) },
        };
    }

    /// <param name="namespace">A name, or false: metadata stand directly under <c>_meta</c>.</param>
    private static JsonObject Block(IEnumerable<(string Name, JsonObject Description)> parameters, string layout, JsonNode @namespace)
    {
        var described = new JsonObject();
        foreach (var (name, description) in parameters) described[name] = description;
        return new JsonObject { ["parameters"] = described, ["layout"] = layout, ["namespace"] = @namespace };
    }
}
