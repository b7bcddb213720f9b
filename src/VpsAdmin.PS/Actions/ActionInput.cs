using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.PS.Actions;

/// <summary>Values of a hashtable to JSON, each as the server describes its parameter. Pure.</summary>
internal static class ActionInput
{
    private const int MaxDepth = 32;

    /// <exception cref="VpsAdminException">A name that the action does not have, or a value that is not of its type.</exception>
    public static JsonObject Read(string action, ParametersDescription? described, IDictionary values)
    {
        var input = new JsonObject();
        foreach (DictionaryEntry entry in values)
        {
            var name = Described(action, described, entry.Key);
            if (input.ContainsKey(name))
                throw new VpsAdminException(Errors.InvalidParameter, $"The parameter '{name}' is given twice.", name);
            input[name] = Value(name, described!.Parameters[name].Type, Bare(entry.Value));
        }

        return input;
    }

    /// <summary>Case does not matter at a prompt; it does to servers.</summary>
    private static string Described(string action, ParametersDescription? described, object key)
    {
        var known = described?.Parameters.Keys ?? [];
        return known.FirstOrDefault(k => k == key.ToString()) ?? known.FirstOrDefault(k => k.Equals(key.ToString(), StringComparison.OrdinalIgnoreCase))
            ?? throw new VpsAdminException(Errors.InvalidParameter,
                $"{action} has no parameter '{key}'{(known.Any() ? $"; it has {string.Join(", ", known)}" : "")}.", key);
    }

    private static JsonNode? Value(string name, string type, object? value) => value is null ? null : type switch
    {
        "Integer" => Convert<long>(name, type, value),
        "Resource" => Convert<long>(name, "id", IdOf(value)),
        "Float" => Convert<double>(name, type, value) is var number && double.IsFinite(number) ? number : throw Wrong(name, type, value),
        "Boolean" => value is bool or SwitchParameter || value is string ? Convert<bool>(name, type, Truth(value)) : throw Wrong(name, type, value),
        "Datetime" => Time(name, value),
        "String" or "Text" => Text(name, type, value),
        _ => Any(name, value, 0),
    };

    /// <summary>An object of any cmdlet stands for its id.</summary>
    private static object IdOf(object value) =>
        value is string or ValueType ? value : Bare(PSObject.AsPSObject(value).Properties["Id"]?.Value) ?? value;

    /// <summary>The engine takes every text but the empty one for true.</summary>
    private static object Truth(object value) => value switch
    {
        string text => bool.TryParse(text, out var truth) ? truth : text,
        SwitchParameter flag => flag.ToBool(),
        _ => value,
    };

    private static string Time(string name, object value)
    {
        var time = value switch
        {
            DateTimeOffset offset => offset,
            // As everywhere in PowerShell, a time that does not say where it is from is from here.
            DateTime local => new DateTimeOffset(local),
            string text when Iso8601.TryParse(text, out var read) => read,
            _ => throw Wrong(name, "Datetime", value),
        };
        return time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
    }

    private static string Text(string name, string type, object value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => throw Wrong(name, type, value),
    };

    private static JsonNode? Any(string name, object? value, int depth)
    {
        if (depth > MaxDepth)
            throw new VpsAdminException(Errors.InvalidParameter, $"The value of '{name}' is nested too deeply.", name);
        return Bare(value) switch
        {
            null => null,
            bool truth => truth,
            SwitchParameter flag => flag.ToBool(),
            string text => text,
            DateTime or DateTimeOffset => Time(name, Bare(value)!),
            sbyte or byte or short or ushort or int or uint or long => LanguagePrimitives.ConvertTo<long>(value),
            float or double or decimal or ulong => LanguagePrimitives.ConvertTo<decimal>(value),
            IDictionary map => new JsonObject(map.Cast<DictionaryEntry>().Select(e => KeyValuePair.Create(e.Key.ToString()!, Any(name, e.Value, depth + 1)))),
            IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => Any(name, item, depth + 1))]),
            PSObject custom => new JsonObject(custom.Properties.Select(p => KeyValuePair.Create(p.Name, Any(name, p.Value, depth + 1)))),
            var other => throw Wrong(name, "Custom", other),
        };
    }

    private static T Convert<T>(string name, string type, object value) where T : struct =>
        LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out T converted) && IsWhole(value, converted) ? converted : throw Wrong(name, type, value);

    /// <summary>The engine rounds 1.5 to 2, and takes true for 1.</summary>
    private static bool IsWhole<T>(object value, T converted) =>
        converted is not long whole || value switch
        {
            bool or char => false,
            float or double or decimal => LanguagePrimitives.ConvertTo<decimal>(value) == whole,
            string text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            _ => true,
        };

    /// <summary>A custom object is its own wrapping.</summary>
    private static object? Bare(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private static VpsAdminException Wrong(string name, string type, object value) =>
        new(Errors.InvalidParameter, $"The parameter '{name}' takes a value of type {type}, which '{value}' is not.", name);
}
