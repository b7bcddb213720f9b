using System.Globalization;
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
        string name, ActionDescription action, string metaNamespace, IReadOnlyList<long> ids, JsonObject? input, CallMeta? meta)
    {
        var path = Path(name, action, ids);
        CheckInput(name, action, input);
        var metaInput = Meta(action, meta);
        var inputNamespace = Namespace(action.Input);

        if (action.Method == "GET")
            return new ApiRequest(name, HttpMethod.Get, path + Query(inputNamespace, input, metaNamespace, metaInput));
        if (action.Method is not ("POST" or "PUT" or "PATCH" or "DELETE"))
            throw new ProtocolException($"The server describes {name} with the HTTP method '{ServerText.Printable(action.Method, 20)}'.");

        // DELETE as well: servers since HaveAPI 0.28 read input from the query of GET only.
        var body = new JsonObject();
        if (inputNamespace is not null && action.Input!.Parameters.Count > 0)
            body[inputNamespace] = input?.DeepClone() ?? new JsonObject();
        if (metaInput.Count > 0)
            body[metaNamespace] = metaInput;
        return new ApiRequest(name, new HttpMethod(action.Method), path, body);
    }

    /// <summary>Null for the JSON <c>false</c> of blocks without one.</summary>
    public static string? Namespace(ParametersDescription? parameters) =>
        parameters?.Namespace is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    private static string Path(string name, ActionDescription action, IReadOnlyList<long> ids)
    {
        var template = action.Path ?? action.Url ?? throw new ProtocolException($"The server describes {name} without a path.");
        // It is joined to the base address and must not be able to change the host ("@elsewhere") or leave the base path ("/../").
        if (!SafeTemplate().IsMatch(template))
            throw new ProtocolException($"The server describes {name} with a path that is not one: '{ServerText.Printable(template, 100)}'.");

        var placeholders = Placeholder().Count(template);
        if (placeholders != ids.Count)
            throw new NotDescribedException($"The server describes {name} with {placeholders} ids in its path, {ids.Count} were given.");
        var next = 0;
        return Placeholder().Replace(template, _ => ids[next++].ToString(CultureInfo.InvariantCulture));
    }

    private static void CheckInput(string name, ActionDescription action, JsonObject? input)
    {
        foreach (var (key, value) in input ?? [])
        {
            var parameter = action.Input?.Parameters.GetValueOrDefault(key)
                ?? throw new NotDescribedException($"The server describes {name} without the parameter '{key}'.");
            // Described since HaveAPI 0.27; before, null meant "not given".
            if (value is null && !(parameter.Nullable ?? parameter.Required != true))
                throw new NotDescribedException($"The server describes {name} with a parameter '{key}' that cannot be null; leave it out.");
        }
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

    private static string Query(string? inputNamespace, JsonObject? input, string metaNamespace, JsonObject meta)
    {
        var pairs = Pairs(inputNamespace, input ?? []).Concat(Pairs(metaNamespace, meta)).ToList();
        return pairs.Count == 0 ? "" : "?" + string.Join('&', pairs);
    }

    private static IEnumerable<string> Pairs(string? ns, JsonObject values) => values.Select(pair =>
        Uri.EscapeDataString(ns is null ? pair.Key : $"{ns}[{pair.Key}]") + "=" + Uri.EscapeDataString(Text(pair.Key, pair.Value)));

    private static string Text(string name, JsonNode? value) => value?.GetValueKind() switch
    {
        null => "",
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.ToJsonString(),
        _ => throw new ArgumentException($"'{name}' is neither text, number, boolean nor null; a query cannot carry it."),
    };

    [GeneratedRegex(@"\{[a-zA-Z0-9_-]+\}|:[a-zA-Z_-]+")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\A(/(?!\.{1,2}(/|\z))[a-zA-Z0-9._~:{}-]+)+\z")]
    private static partial Regex SafeTemplate();
}
