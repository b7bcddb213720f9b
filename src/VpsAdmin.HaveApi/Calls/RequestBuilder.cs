using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>An action's description and a caller's values to a request. Pure.</summary>
internal static partial class RequestBuilder
{
    public static ApiRequest Build(
        string name, ActionDescription action, string metaNamespace, IReadOnlyList<string> ids, JsonObject? input, CallMeta? meta)
    {
        var path = Path(name, action, ids);
        var values = Input(name, action, input ?? []);
        var metaInput = Meta(action, meta);
        var inputNamespace = Namespace(action.Input);

        if (action.Method == "GET")
            return new ApiRequest(name, HttpMethod.Get, path + Query(inputNamespace, values, metaNamespace, metaInput));
        if (action.Method is not ("POST" or "PUT" or "PATCH" or "DELETE"))
            throw new ProtocolException($"The server describes {name} with the HTTP method '{ServerText.Printable(action.Method, 20)}'.");

        // DELETE as well: servers since HaveAPI 0.28 read input from the query of GET only.
        var body = new JsonObject();
        if (inputNamespace is not null && action.Input!.Parameters.Count > 0)
            body[inputNamespace] = values;
        if (metaInput.Count > 0)
            body[metaNamespace] = metaInput;
        return new ApiRequest(name, new HttpMethod(action.Method), path, body);
    }

    /// <summary>Null for the JSON <c>false</c> of blocks without one.</summary>
    public static string? Namespace(ParametersDescription? parameters) =>
        parameters?.Namespace is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    /// <summary>Names of the ids in an action's path: <c>{dataset_id}</c> or, in protocol 1.x, <c>:dataset_id</c>.</summary>
    public static IReadOnlyList<string> Placeholders(ActionDescription action) =>
        [.. Placeholder().Matches(action.Path ?? action.Url ?? "").Select(match => match.Value.Trim('{', '}', ':'))];

    private static string Path(string name, ActionDescription action, IReadOnlyList<string> ids)
    {
        var template = action.Path ?? action.Url ?? throw new ProtocolException($"The server describes {name} without a path.");
        // It is joined to the base address and must not be able to change the host ("@elsewhere") or leave the base path ("/../").
        if (!SafeTemplate().IsMatch(template))
            throw new ProtocolException($"The server describes {name} with a path that is not one: '{ServerText.Printable(template, 100)}'.");

        var placeholders = Placeholder().Count(template);
        if (placeholders != ids.Count)
            throw new NotDescribedException($"The server describes {name} with {placeholders} ids in its path, {ids.Count} were given.");
        var next = 0;
        return Placeholder().Replace(template, _ => Segment(name, ids[next++]));
    }

    /// <summary>One segment, whatever the id is.</summary>
    private static string Segment(string name, string id) => id is "" or "." or ".."
        ? throw new InvalidInputException(name, "id", $"'{id}' cannot be an id in the path of {name}.")
        : Uri.EscapeDataString(id);

    private static JsonObject Input(string name, ActionDescription action, JsonObject input)
    {
        var values = new JsonObject();
        foreach (var (key, value) in input)
        {
            var parameter = action.Input?.Parameters.GetValueOrDefault(key)
                ?? throw new NotDescribedException($"The server describes {name} without the parameter '{key}'.");
            if (value is null && !InputValues.IsNullable(parameter))
                throw new NotDescribedException($"The server describes {name} with a parameter '{key}' that cannot be null; leave it out.");
            values[key] = InputValues.Typed(name, key, parameter, value);
        }
        return values;
    }

    /// <summary>What the caller asks for and the action offers: metadata is advice.</summary>
    private static JsonObject Meta(ActionDescription action, CallMeta? meta)
    {
        var offered = ((action.Meta?["global"] as JsonObject)?["input"] as JsonObject)?["parameters"] as JsonObject;
        var result = new JsonObject();
        if (meta is null || offered is null)
            return result;
        if (meta.Count && offered.ContainsKey("count"))
            result["count"] = true;
        if (meta.Includes is { Count: > 0 } includes && offered.ContainsKey("includes"))
            result["includes"] = string.Join(',', includes);
        return result;
    }

    private static string Query(string? inputNamespace, JsonObject input, string metaNamespace, JsonObject meta)
    {
        var pairs = Pairs(inputNamespace, input).Concat(Pairs(metaNamespace, meta)).ToList();
        return pairs.Count == 0 ? "" : "?" + string.Join('&', pairs);
    }

    private static IEnumerable<string> Pairs(string? ns, JsonObject values) => values
        .SelectMany(pair => Flat(ns is null ? pair.Key : $"{ns}[{pair.Key}]", pair.Value))
        .Select(pair => Uri.EscapeDataString(pair.Name) + "=" + Uri.EscapeDataString(pair.Value));

    /// <summary>Lists and objects, which only custom parameters have, as Rack reads them: <c>a[]=1&amp;a[]=2</c>, <c>a[b]=1</c>.</summary>
    private static IEnumerable<(string Name, string Value)> Flat(string name, JsonNode? value) => value switch
    {
        JsonArray list => list.SelectMany(item => Flat($"{name}[]", item)),
        JsonObject map => map.SelectMany(item => Flat($"{name}[{item.Key}]", item.Value)),
        null => [(name, "")],
        _ => [(name, value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString())],
    };

    [GeneratedRegex(@"\{[a-zA-Z0-9_-]+\}|:[a-zA-Z_-]+")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\A(/(?!\.{1,2}(/|\z))[a-zA-Z0-9._~:{}-]+)+\z")]
    private static partial Regex SafeTemplate();
}
