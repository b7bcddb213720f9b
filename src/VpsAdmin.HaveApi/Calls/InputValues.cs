using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>
/// A caller's values to the described types. Servers since HaveAPI 0.27 do the same; older ones make 0 of a text that is no number and false
/// of one that is no boolean, so what would mean something else there is refused here. Pure.
/// </summary>
internal static class InputValues
{
    /// <summary>Described by a validator for typed parameters, by <c>required</c> for resources.</summary>
    public static bool IsRequired(ParameterDescription parameter) => parameter.Required == true || parameter.Validators?.ContainsKey("present") == true;

    /// <summary>Described since HaveAPI 0.27; before, null meant "not given".</summary>
    public static bool IsNullable(ParameterDescription parameter) => parameter.Nullable ?? parameter.Required != true;

    /// <summary>Of the <c>include</c> validator, which has a list of values or a map from values to labels (BUG-35). Null when anything goes.</summary>
    public static IReadOnlyList<DescribedChoice>? Choices(ParameterDescription parameter) => (parameter.Validators?["include"] as JsonObject)?["values"] switch
    {
        JsonArray list => [.. list.Where(v => v is not null).Select(v => new DescribedChoice(v!.ToString(), v.ToString()))],
        JsonObject map => [.. map.Select(v => new DescribedChoice(v.Key, ServerText.Printable(v.Value?.ToString() ?? v.Key, 200)))],
        _ => null,
    };

    /// <param name="action">For error messages.</param>
    /// <exception cref="InvalidInputException"/>
    public static JsonNode? Typed(string action, string name, ParameterDescription parameter, JsonNode? value)
    {
        if (value is null)
            return null;
        var typed = parameter.Type switch
        {
            "Integer" => Integer(value),
            "Float" => Float(value),
            "Boolean" => Boolean(value),
            "Datetime" => Datetime(value),
            "String" or "Text" => Text(value),
            "Resource" => Resource(value, parameter.ValueId ?? "id"),
            _ => value.DeepClone(),
        } ?? throw new InvalidInputException(action, name, $"'{name}' of {action} takes {Name(parameter.Type)}, not {Shown(name, parameter, value.ToJsonString())}.");
        if (Choices(parameter) is { Count: > 0 } choices && typed is JsonValue && !choices.Any(choice => choice.Value == typed.ToString()))
        {
            throw new InvalidInputException(
                action, name, $"'{name}' of {action} cannot be {Shown(name, parameter, typed.ToString())}; it is one of {ServerText.Printable(string.Join(", ", choices.Select(c => c.Value)), 500)}.");
        }
        return typed;
    }

    private static JsonValue? Integer(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Number when decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue => JsonValue.Create((long)number),
        JsonValueKind.String when long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => null,
    };

    private static JsonNode? Float(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Number => value.DeepClone(),
        JsonValueKind.String when double.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => JsonValue.Create(number),
        _ => null,
    };

    private static JsonValue? Boolean(JsonNode value) => (value.GetValueKind(), value.ToString().ToLowerInvariant()) switch
    {
        (JsonValueKind.True or JsonValueKind.String, "t" or "true" or "y" or "yes" or "1") or (JsonValueKind.Number, "1") => JsonValue.Create(true),
        (JsonValueKind.False or JsonValueKind.String, "f" or "false" or "n" or "no" or "0") or (JsonValueKind.Number, "0") => JsonValue.Create(false),
        _ => null,
    };

    /// <summary>In UTC with a Z, which all servers read; a day alone stays one.</summary>
    private static JsonValue? Datetime(JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.String || value.ToString() is not { } text || !Iso8601.TryParse(text, out var time))
            return null;
        if (!text.Contains('T', StringComparison.Ordinal))
            return JsonValue.Create(text);
        return JsonValue.Create(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
    }

    private static JsonValue? Text(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => JsonValue.Create(value.GetValue<string>()),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => JsonValue.Create(value.ToJsonString()),
        _ => null,
    };

    /// <summary>The id; or the object itself, as an output has it.</summary>
    private static JsonNode? Resource(JsonNode value, string idField)
    {
        var id = value is JsonObject target ? target[idField] : value;
        return id?.GetValueKind() switch
        {
            JsonValueKind.Number => Integer(id),
            JsonValueKind.String when id.ToString().Length > 0 => Integer(id) ?? id.DeepClone(),
            _ => null,
        };
    }

    /// <summary>Secrets never get into messages.</summary>
    private static string Shown(string name, ParameterDescription parameter, string value) =>
        parameter.Protected == true || name.Contains("password", StringComparison.OrdinalIgnoreCase) ? "that" : ServerText.Printable(value, 80);

    private static string Name(string type) => type switch
    {
        "Integer" => "a whole number",
        "Float" => "a number",
        "Boolean" => "true or false",
        "Datetime" => "a time in ISO 8601",
        "Resource" => "the id of an object",
        _ => "text",
    };
}
