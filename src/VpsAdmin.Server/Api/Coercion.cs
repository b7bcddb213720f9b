using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Api;

/// <param name="Value">Of the CLR type that <see cref="InputValues"/> gives out.</param>
/// <param name="Problem">Why there is no value; the offending text is to follow. Null: there is one.</param>
internal readonly record struct Coerced(object? Value, string? Problem)
{
    public static Coerced To(object value) => new(value, null);

    public static Coerced Failed(string problem) => new(null, problem);
}

/// <summary>
/// Reads a value that a client sent as the type that was declared (spec/haveapi 4). Query strings know only strings, so every type can be
/// read from one; nothing is guessed beyond that: blanks around a value do not count, and <c>"12abc"</c> is not 12.
/// </summary>
internal static partial class Coercion
{
    private const string NotInteger = "not a valid integer";
    private const string NotFloat = "not a valid float";
    private const string NotBoolean = "not a valid boolean";
    private const string NotString = "not a valid string";
    private const string NotId = "not a valid id";
    private const string NotDatetime = "not in ISO 8601 format:";

    public static Coerced Coerce(ParameterType type, JsonNode raw) => type switch
    {
        ParameterType.String or ParameterType.Text => Text(raw),
        ParameterType.Integer => Integer(raw),
        ParameterType.Float => Float(raw),
        ParameterType.Boolean => Boolean(raw),
        ParameterType.Datetime => Datetime(raw),
        ParameterType.Resource => Id(raw),
        ParameterType.Custom => Coerced.To(raw.DeepClone()),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>A NUL is no text: PostgreSQL keeps none, and refuses to look for one.</summary>
    private static Coerced Text(JsonNode raw) => raw.GetValueKind() switch
    {
        JsonValueKind.String when raw.GetValue<string>() is var text && !text.Contains('\0', StringComparison.Ordinal) => Coerced.To(text),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => Coerced.To(raw.ToJsonString()),
        _ => Coerced.Failed(NotString),
    };

    private static Coerced Integer(JsonNode raw)
    {
        switch (raw.GetValueKind())
        {
            case JsonValueKind.String when ParseInteger(raw.GetValue<string>().Trim()) is { } parsed:
                return Coerced.To(parsed);
            // As decimal: a double would round 9007199254740993.0.
            case JsonValueKind.Number when decimal.TryParse(raw.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                                           && decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue:
                return Coerced.To((long)number);
            default:
                return Coerced.Failed(NotInteger);
        }
    }

    private static Coerced Float(JsonNode raw)
    {
        var text = raw.GetValueKind() switch
        {
            JsonValueKind.Number => raw.ToJsonString(),
            JsonValueKind.String => raw.GetValue<string>().Trim(),
            _ => "",
        };
        return FloatText().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? Coerced.To(number)
            : Coerced.Failed(NotFloat);
    }

    private static Coerced Boolean(JsonNode raw)
    {
        var text = raw.GetValueKind() switch
        {
            JsonValueKind.String => raw.GetValue<string>().Trim(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => raw.ToJsonString(),
            _ => "",
        };
        return text.ToUpperInvariant() switch
        {
            "T" or "TRUE" or "Y" or "YES" or "1" => Coerced.To(true),
            "F" or "FALSE" or "N" or "NO" or "0" => Coerced.To(false),
            _ => Coerced.Failed(NotBoolean),
        };
    }

    private static Coerced Datetime(JsonNode raw)
    {
        if (raw.GetValueKind() != JsonValueKind.String) return Coerced.Failed(NotDatetime);
        var text = raw.GetValue<string>();
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DatetimeText().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var time)
            ? Coerced.To(time)
            : Coerced.Failed(NotDatetime);
    }

    private static Coerced Id(JsonNode raw)
    {
        var id = raw.GetValueKind() switch
        {
            JsonValueKind.Number => ParseInteger(raw.ToJsonString()),
            JsonValueKind.String => ParseId(raw.GetValue<string>().Trim()),
            _ => null,
        };
        return id is { } value and >= 0 ? Coerced.To(value) : Coerced.Failed(NotId);
    }

    /// <summary>An id as it stands in a path: digits only.</summary>
    public static long? ParseId(string text) => text.All(char.IsAsciiDigit) ? ParseInteger(text) : null;

    // The expressions are stricter than the parsers, which take trailing NULs and, in lists, thousands.
    private static long? ParseInteger(string text) =>
        IntegerText().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"\A[+-]?[0-9]+\z")]
    private static partial Regex IntegerText();

    [GeneratedRegex(@"\A[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z")]
    private static partial Regex FloatText();

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2}))?\z")]
    private static partial Regex DatetimeText();
}
