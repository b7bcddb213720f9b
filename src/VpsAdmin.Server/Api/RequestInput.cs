using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace VpsAdmin.Server.Api;

/// <summary>What a request brings, not checked yet.</summary>
/// <param name="Input">Under the action's namespace; null: the namespace is missing.</param>
/// <param name="Meta">Under <c>_meta</c>.</param>
internal sealed partial record RequestInput(JsonNode? Input, JsonNode? Meta)
{
    public const string MetaNamespace = "_meta";

    /// <summary>Input of GET is in the query and nowhere else, that of all other methods in the body and nowhere else.</summary>
    /// <exception cref="ActionRefusedException">The body is too large, not JSON, or not an object.</exception>
    public static async Task<RequestInput> ReadAsync(HttpRequest request, Route route, long maxBytes)
    {
        if (HttpMethods.IsGet(route.Action.Method)) return FromQuery(request.Query, route);
        var body = ParseBody(request.ContentType, await ReadBodyAsync(request, maxBytes).ConfigureAwait(false));
        return new RequestInput(body[route.Resource.Name], body[MetaNamespace]);
    }

    public static RequestInput FromQuery(IQueryCollection query, Route route)
    {
        var byNamespace = new Dictionary<string, JsonObject> { [route.Resource.Name] = [], [MetaNamespace] = [] };
        foreach (var (key, sent) in query)
        {
            if (ParameterKey().Match(key) is not { Success: true } match) continue;
            var (@namespace, name, value) = (match.Groups[1].Value, match.Groups[2].Value, sent[^1] ?? "");
            if (!byNamespace.TryGetValue(@namespace, out var values)) continue;
            values[name] = value;
        }

        // A namespace is missing when no key names it.
        return new RequestInput(Sent(route.Resource.Name), Sent(MetaNamespace));

        JsonObject? Sent(string name) => byNamespace[name] is { Count: > 0 } values ? values : null;
    }

    public static JsonObject ParseBody(string? contentType, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return [];
        if (!IsJson(contentType)) throw Refusals.NotJson();
        try
        {
            RefuseBrokenText(body);
            var parsed = JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            return parsed as JsonObject ?? throw Refusals.NotAnObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Refusals.BadJson();
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request, long maxBytes)
    {
        if (request.ContentLength > maxBytes) throw Refusals.TooLarge();
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = maxBytes;
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted).ConfigureAwait(false);
            return body.ToArray();
        }
        catch (BadHttpRequestException e)
        {
            throw e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => Refusals.TooLarge(),
                StatusCodes.Status408RequestTimeout => Refusals.TooSlow(),
                _ => Refusals.BadRequest(),
            };
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));

    /// <summary>Text that is no text (a lone surrogate, invalid UTF-8) passes the parser and fails only whoever reads it: refused here.</summary>
    private static void RefuseBrokenText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) reader.GetString();
        }
    }

    [GeneratedRegex(@"\A([^\[\]]+)\[([^\[\]]+)\]\z")]
    private static partial Regex ParameterKey();
}

/// <param name="Suppressed">No <c>_meta</c> in the reply.</param>
/// <param name="Count">A list is to state its total count.</param>
/// <param name="Includes">Associations to embed, <c>user</c> or <c>parent__user</c>.</param>
internal sealed record RequestMeta(bool Suppressed, bool Count, IReadOnlyList<string> Includes)
{
    /// <exception cref="ActionRefusedException">The metadata is not an object, or a value is not of its type.</exception>
    public static RequestMeta Read(JsonNode? meta) => meta switch
    {
        null => new RequestMeta(false, false, []),
        JsonObject values => new RequestMeta(Flag(values, "no"), Flag(values, "count"), Names(values["includes"])),
        _ => throw Refusals.InvalidLayout(),
    };

    private static bool Flag(JsonObject values, string name)
    {
        if (values[name] is not { } raw) return false;
        var coerced = Coercion.Coerce(ParameterType.Boolean, raw);
        return coerced.Value as bool? ?? throw ActionRefusedException.Invalid(name, coerced.Problem!);
    }

    /// <summary>A list with commas, or a JSON array.</summary>
    private static string[] Names(JsonNode? includes)
    {
        JsonNode?[] parts = includes is JsonArray list ? [.. list] : includes is null ? [] : [includes];
        return
        [
            .. parts.SelectMany(p => p?.GetValueKind() == JsonValueKind.String
                ? p.GetValue<string>().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                : throw ActionRefusedException.Invalid("includes", "includes must be a string or array")),
        ];
    }
}
