using System.Text.Json.Nodes;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Web.Calls;

/// <summary>An object as an action gives it back to the person who is signed in: what is not for them is not in it.</summary>
/// <param name="values">By name, as <see cref="OutputParameter{T}"/> reads them.</param>
public sealed class ApiObject(IReadOnlyDictionary<string, object?> values)
{
    public long Id => Integer("id") ?? throw new InvalidOperationException("The object has no id.");

    public string? Text(string name) => values.GetValueOrDefault(name) as string;

    public long? Integer(string name) => values.GetValueOrDefault(name) switch
    {
        null => null,
        JsonNode node => node.GetValue<long>(),
        IConvertible number and not string => Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };

    public bool Flag(string name) => values.GetValueOrDefault(name) switch { bool flag => flag, JsonNode node => node.GetValue<bool>(), _ => false };

    /// <summary>Whether the server tells this value and it is not null.</summary>
    public bool IsKnown(string name) => values.GetValueOrDefault(name) is not null;

    /// <summary>UTC.</summary>
    public DateTimeOffset? Time(string name) => values.GetValueOrDefault(name) as DateTimeOffset?;

    public JsonNode? Custom(string name) => values.GetValueOrDefault(name) as JsonNode;

    public ApiLink? Link(string name) =>
        values.GetValueOrDefault(name) is Association to ? new ApiLink(to.PathIds, Label(to.Label)) : null;

    private static string Label(object? label) =>
        label is DateTimeOffset time ? $"{Drawing.Shown.Time(time)} UTC" : Convert.ToString(label, System.Globalization.CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Another object that one refers to.</summary>
/// <param name="PathIds">Ids for its path, its own last.</param>
/// <param name="Label">What people call it.</param>
public sealed record ApiLink(IReadOnlyList<long> PathIds, string Label)
{
    public long Id => PathIds[^1];
}

/// <summary>What a call gave back.</summary>
/// <param name="ActionStateId">The chain that goes on in the background; null: nothing does.</param>
public sealed record ApiReply(IReadOnlyList<ApiObject> Objects, long? ActionStateId)
{
    /// <summary>The object of an action that gives back one.</summary>
    public ApiObject One => Objects[0];
}
