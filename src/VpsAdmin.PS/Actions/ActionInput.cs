using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.PS.Actions;

/// <summary>A hashtable to JSON; whether its values are what the server describes, the client says. Pure.</summary>
internal static class ActionInput
{
    private const int MaxDepth = 32;

    /// <param name="described">Null when the action takes nothing.</param>
    /// <exception cref="VpsAdminException">A name that is there twice, or a value that JSON cannot have.</exception>
    public static JsonObject Read(ParametersDescription? described, IDictionary values)
    {
        var input = new JsonObject();
        foreach (DictionaryEntry entry in values)
        {
            var name = Described(described, entry.Key.ToString() ?? "");
            if (input.ContainsKey(name))
                throw new VpsAdminException(Errors.InvalidParameter, $"The parameter '{name}' is given twice.", name);
            var isReference = described?.Parameters.GetValueOrDefault(name)?.Type == "Resource";
            input[name] = Json(name, isReference ? IdOf(entry.Value) : entry.Value, 0);
        }

        return input;
    }

    /// <summary>Case does not matter at a prompt; it does to servers.</summary>
    private static string Described(ParametersDescription? described, string name)
    {
        var known = described?.Parameters.Keys ?? [];
        return known.Contains(name) ? name : known.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;
    }

    /// <summary>An object of any cmdlet stands for its id.</summary>
    private static object? IdOf(object? value) =>
        value is null or string or ValueType ? value : PSObject.AsPSObject(value).Properties["Id"]?.Value ?? value;

    private static JsonNode? Json(string name, object? value, int depth)
    {
        if (depth > MaxDepth)
            throw new VpsAdminException(Errors.InvalidParameter, $"The value of '{name}' is nested too deeply.", name);
        return Bare(value) switch
        {
            null => null,
            bool truth => truth,
            SwitchParameter flag => flag.ToBool(),
            string text => text,
            char letter => letter.ToString(),
            Enum choice => choice.ToString(),
            DateTimeOffset time => Text(time),
            // As everywhere in PowerShell, a time that does not say where it is from is from here.
            DateTime local => Text(new DateTimeOffset(local)),
            sbyte or byte or short or ushort or int or uint or long => LanguagePrimitives.ConvertTo<long>(value),
            ulong or decimal => LanguagePrimitives.ConvertTo<decimal>(value),
            float or double when LanguagePrimitives.ConvertTo<double>(value) is var number && double.IsFinite(number) => number,
            IDictionary map => new JsonObject(map.Cast<DictionaryEntry>().Select(e => KeyValuePair.Create(e.Key.ToString()!, Json(name, e.Value, depth + 1)))),
            IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => Json(name, item, depth + 1))]),
            PSObject custom => new JsonObject(custom.Properties.Select(p => KeyValuePair.Create(p.Name, Json(name, p.Value, depth + 1)))),
            var other => throw new VpsAdminException(Errors.InvalidParameter, $"The value of '{name}', '{other}', has no form in JSON.", name),
        };
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>A custom object is its own wrapping.</summary>
    private static object? Bare(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
