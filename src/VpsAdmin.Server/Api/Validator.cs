using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Api;

/// <summary>A rule for the value of a typed parameter, told to clients and held against what they send (spec/haveapi 6).</summary>
/// <param name="Key">Name of the rule in descriptions.</param>
/// <param name="Message">For people; <c>%{value}</c> stands for what was sent.</param>
public abstract record Validator(string Key, string Message)
{
    /// <summary>The rule as clients read it, without its message.</summary>
    internal abstract JsonObject Describe();

    /// <param name="value">Of the parameter's type, never null.</param>
    /// <param name="others">All values of the call that are of their types.</param>
    internal abstract bool Accepts(object value, IReadOnlyDictionary<string, object?> others);

    private protected static string Text(object value) => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";

    private protected static JsonArray List(IEnumerable<string> values) => new([.. values.Select(v => JsonValue.Create(v))]);
}

/// <summary>Text that is not blank.</summary>
public sealed record PresentRule() : Validator("present", "must be present and non-empty")
{
    internal override JsonObject Describe() => new() { ["empty"] = false };

    internal override bool Accepts(object value, IReadOnlyDictionary<string, object?> others) => value is not string text || !string.IsNullOrWhiteSpace(text);
}

/// <summary>One value only, such as consent to conditions.</summary>
public sealed record AcceptRule(bool Value = true) : Validator("accept", Value ? "must be accepted" : "must not be accepted")
{
    internal override JsonObject Describe() => new() { ["value"] = Value };

    internal override bool Accepts(object value, IReadOnlyDictionary<string, object?> others) => value is bool flag && flag == Value;
}

/// <summary>The same as another parameter, or anything but that.</summary>
public sealed record ConfirmRule(string Parameter, bool Equal = true) : Validator("confirm", Equal ? $"must be the same as {Parameter}" : $"must be different from {Parameter}")
{
    internal override JsonObject Describe() => new() { ["equal"] = Equal, ["parameter"] = Parameter };

    internal override bool Accepts(object value, IReadOnlyDictionary<string, object?> others) => Equals(value, others.GetValueOrDefault(Parameter)) == Equal;
}

/// <summary>One of these values.</summary>
public sealed record IncludeRule(IReadOnlyList<string> Values) : Validator("include", "%{value} cannot be used")
{
    /// <summary>What people read, by value; null: the value.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    internal override JsonObject Describe() => new()
    {
        ["values"] = Labels is { } labels ? new JsonObject(labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))) : List(Values),
    };

    internal override bool Accepts(object value, IReadOnlyDictionary<string, object?> others) => Values.Contains(Text(value));
}

/// <summary>None of these values.</summary>
public sealed record ExcludeRule(IReadOnlyList<string> Values) : Validator("exclude", "%{value} cannot be used")
{
    internal override JsonObject Describe() => new() { ["values"] = List(Values) };

    internal override bool Accepts(object value, IReadOnlyDictionary<string, object?> others) => !Values.Contains(Text(value));
}

/// <summary>Text that a regular expression describes. Clients run it too: <c>\A</c> and <c>\z</c>, and nothing that only .NET knows.</summary>
public sealed record FormatRule(Regex Expression, string Description) : Validator("format", Description)
{
    internal override JsonObject Describe() => new() { ["rx"] = Expression.ToString(), ["match"] = true, ["description"] = Description };

    internal override bool Accepts(object value, IReadOnlyDictionary<string, object?> others) => Expression.IsMatch(Text(value));
}

/// <summary>Length of a text in characters.</summary>
public sealed record LengthRule(int? Min, int? Max) : Validator("length", Limits.Message(Min, Max, "length must be"))
{
    internal override JsonObject Describe() => Limits.Describe(Min, Max);

    internal override bool Accepts(object value, IReadOnlyDictionary<string, object?> others) => value is not string text || (!(text.Length < Min) && !(text.Length > Max));
}

/// <summary>Range of a number.</summary>
public sealed record NumberRule(long? Min, long? Max) : Validator("number", Limits.Message(Min, Max, "must be"))
{
    internal override JsonObject Describe() => Limits.Describe(Min, Max);

    internal override bool Accepts(object value, IReadOnlyDictionary<string, object?> others) => value switch
    {
        long number => !(number < Min) && !(number > Max),
        double number => !(number < Min) && !(number > Max),
        _ => true,
    };
}

internal static class Limits
{
    public static string Message(long? min, long? max, string subject) => (min, max) switch
    {
        ({ } least, { } most) => $"{subject} between {least} and {most}",
        ({ } least, null) => $"{subject} at least {least}",
        (null, { } most) => $"{subject} at most {most}",
        _ => "",
    };

    public static JsonObject Describe(long? min, long? max)
    {
        var described = new JsonObject();
        if (min is not null) described["min"] = min;
        if (max is not null) described["max"] = max;
        return described;
    }
}
