using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace VpsAdmin.FaultServer;

/// <summary>Whether a script consists of words that are known, with what belongs behind each.</summary>
internal static class ScriptShape
{
    private const int MostShown = 40;

    public static IReadOnlyList<string> Problems(JsonElement script) => [.. Problems(script, typeof(FaultScript), "")];

    private static IEnumerable<string> Problems(JsonElement found, Type wanted, string place)
    {
        var type = Nullable.GetUnderlyingType(wanted) ?? wanted;
        if (Scalar(found, type) is var (isRight, right))
            return isRight ? [] : [NotRight(found, place, right)];
        var info = ScriptJson.Default.GetTypeInfo(type)!;
        return (info.Kind, found.ValueKind) switch
        {
            (JsonTypeInfoKind.Enumerable, JsonValueKind.Array) => found.EnumerateArray().SelectMany((item, n) => Problems(item, info.ElementType!, string.Create(CultureInfo.InvariantCulture, $"{place}[{n}]"))),
            (JsonTypeInfoKind.Enumerable, _) => [NotRight(found, place, "a list: [ … ]")],
            (_, JsonValueKind.Object) => OfObject(found, info, place),
            _ => [NotRight(found, place, $"an object with {Words(info)}")],
        };
    }

    private static IEnumerable<string> OfObject(JsonElement found, JsonTypeInfo info, string place)
    {
        var known = info.Properties.ToDictionary(static p => p.Name);
        var there = new HashSet<string>();
        foreach (var property in found.EnumerateObject())
        {
            var at = place.Length == 0 ? property.Name : $"{place}.{property.Name}";
            if (!known.TryGetValue(property.Name, out var wanted))
                yield return $"{at}: nobody knows this word; known here are {Words(info)}";
            else if (!there.Add(property.Name))
                yield return $"{at}: it is there twice";
            else if (property.Value.ValueKind != JsonValueKind.Null || wanted.AssociatedParameter is not { HasDefaultValue: true, DefaultValue: null })
            {
                foreach (var problem in Problems(property.Value, wanted.PropertyType, at))
                    yield return problem;
            }
        }
        foreach (var missing in info.Properties.Where(p => p.AssociatedParameter is { HasDefaultValue: false } && !there.Contains(p.Name)))
            yield return $"{(place.Length == 0 ? "The script" : place)}: '{missing.Name}' is missing";
    }

    /// <returns>Null: it is none, but a list or an object.</returns>
    private static (bool IsRight, string Right)? Scalar(JsonElement found, Type type)
    {
        var isNumber = found.ValueKind == JsonValueKind.Number;
        if (type.IsEnum)
            return (found.ValueKind == JsonValueKind.String && Enum.GetNames(type).Contains(found.GetString(), StringComparer.OrdinalIgnoreCase), $"one of {string.Join(", ", Enum.GetNames(type))}");
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => (found.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false"),
            TypeCode.String => (found.ValueKind == JsonValueKind.String, "a text: \"…\""),
            TypeCode.Int32 => (isNumber && found.TryGetInt32(out _), $"a whole number up to {int.MaxValue}"),
            TypeCode.Int64 => (isNumber && found.TryGetInt64(out _), "a whole number"),
            TypeCode.Double => (isNumber && found.TryGetDouble(out var number) && double.IsFinite(number), "a number"),
            _ => null,
        };
    }

    private static string NotRight(JsonElement found, string place, string right)
    {
        var text = found.GetRawText();
        return $"{(place.Length == 0 ? "The script" : place)}: {(text.Length > MostShown ? text[..MostShown] + "…" : text)} is not {right}";
    }

    private static string Words(JsonTypeInfo info) => string.Join(", ", info.Properties.Select(static p => p.Name));
}
