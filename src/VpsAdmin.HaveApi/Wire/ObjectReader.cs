using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Http;

namespace VpsAdmin.HaveApi.Wire;

/// <summary>
/// Typed values out of an object that a server sent. What is not of its type or range is a <see cref="ProtocolException"/> that names
/// the resource and the field. Null and absent are the same.
/// </summary>
/// <param name="resource">For error messages.</param>
/// <param name="output">Description of the object's fields, for the names inside associations; null: the usual ones.</param>
public sealed class ObjectReader(string resource, JsonObject json, ParametersDescription? output = null)
{
    /// <summary>A positive number.</summary>
    public long Id(string field) => Integer(field, 1, long.MaxValue);

    public long Integer(string field, long min, long max) => OptionalInteger(field, min, max) ?? throw Missing(field);

    public long? OptionalInteger(string field, long min, long max)
    {
        if (json[field] is not { } node)
            return null;
        if (node is not JsonValue value || !value.TryGetValue(out long number))
            throw Wrong(field, node, "a whole number");
        return number >= min && number <= max ? number : throw Wrong(field, node, $"a number from {min} to {max}");
    }

    public bool Boolean(string field) => OptionalBoolean(field) ?? throw Missing(field);

    public bool? OptionalBoolean(string field) => json[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        var node => throw Wrong(field, node, "true or false"),
    };

    /// <summary>A name: not empty, not longer than <paramref name="max"/> characters, without control characters.</summary>
    public string Name(string field, int max) => OptionalName(field, max) ?? throw Missing(field);

    /// <summary>Null also for empty text.</summary>
    public string? OptionalName(string field, int max)
    {
        var text = String(field);
        if (string.IsNullOrEmpty(text))
            return null;
        if (text.Length > max)
            throw Wrong(field, json[field]!, $"text of at most {max} characters");
        return text.Any(char.IsControl) ? throw Wrong(field, json[field]!, "text without control characters") : text;
    }

    /// <summary>What people wrote for people: control characters are taken out, the rest is cut at <paramref name="max"/> characters.</summary>
    public string? OptionalText(string field, int max) => String(field) is { Length: > 0 } text ? ServerText.Printable(text, max) : null;

    public DateTimeOffset Time(string field) => OptionalTime(field) ?? throw Missing(field);

    public DateTimeOffset? OptionalTime(string field) => String(field) switch
    {
        null => null,
        var text when Iso8601.TryParse(text, out var time) => time,
        _ => throw Wrong(field, json[field]!, "a time in ISO 8601"),
    };

    /// <summary>An absolute http or https address.</summary>
    public Uri WebAddress(string field)
    {
        var text = String(field) ?? throw Missing(field);
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Host.Length > 0
            ? uri
            : throw Wrong(field, json[field]!, "an absolute http or https address");
    }

    /// <summary>An associated object. The label is for people only: servers send text, times and numbers there, or nothing.</summary>
    public (long Id, string? Label)? Association(string field)
    {
        if (json[field] is not { } node)
            return null;
        if (node is not JsonObject target)
            throw Wrong(field, node, "an object");
        var described = output?.Parameters.GetValueOrDefault(field);
        var id = new ObjectReader($"{resource}.{field}", target).Id(described?.ValueId ?? "id");
        return (id, Label(target[described?.ValueLabel ?? "label"]));
    }

    /// <summary>A failure of this reader's kind, for a check that the caller makes.</summary>
    public ProtocolException Wrong(string field, string expected) =>
        json[field] is { } node ? Wrong(field, node, expected) : Missing(field);

    private string? String(string field) => json[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        var node => throw Wrong(field, node, "text"),
    };

    private static string? Label(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => ServerText.Printable(node.GetValue<string>(), 1024),
        JsonValueKind.Number => node.ToJsonString(),
        _ => null,
    };

    private ProtocolException Missing(string field) => new($"The server sent a {resource} without '{field}'.");

    private ProtocolException Wrong(string field, JsonNode node, string expected) => new(string.Create(CultureInfo.InvariantCulture,
        $"The server sent a {resource} whose '{field}' is not {expected}: {ServerText.Printable(node.ToJsonString(), 80)}"));
}
