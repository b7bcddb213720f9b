using System.Globalization;
using System.Text.Json.Nodes;

namespace VpsAdmin.Lab.Vps2016;

/// <param name="Type">String, Text, Integer, Boolean, Datetime or Resource.</param>
/// <param name="Resource">Path of the associated resource, of type Resource only.</param>
/// <param name="Label">Its <c>value_label</c>.</param>
/// <param name="Choices">Values of an <c>include</c> validator.</param>
internal sealed record OldParameter(
    string Name, string Type = "String", bool Required = false, string? Default = null, string[]? Choices = null, string[]? Resource = null, string Label = "label");

/// <summary>What HaveAPI 0.5 says with HTTP 200 and <c>status: false</c>, whatever went wrong.</summary>
internal sealed class OldFailure(string message, JsonObject? errors = null) : Exception(message)
{
    public JsonObject Errors { get; } = errors ?? [];
}

/// <summary>An action of the old API: what it says of itself and what it does.</summary>
/// <param name="Resource">Path, <c>dataset.snapshot</c>.</param>
/// <param name="Url">Below the version, with <c>:dataset_id</c>.</param>
internal sealed record OldAction(
    string Resource, string Name, string Method, string Url, OldParameter[] Input, OldParameter[] Output, Func<OldCall, JsonNode> Handle)
{
    public bool Auth { get; init; } = true;

    public string? Alias => Name switch
    {
        "index" => "list",
        "show" => "find",
        "create" => "new",
        "delete" => "destroy",
        _ => null,
    };

    public bool IsList => Name == "index";

    public string Singular => Resource.Split('.')[^1];

    public string OutputNamespace => !IsList ? Singular : Singular == "vps" ? "vpses" : Singular + "s";

    /// <summary>The ids in a path of this action; null when it is another's.</summary>
    public long[]? Match(string method, string path)
    {
        var (ours, theirs) = (Url.Split('/'), path.Split('/'));
        if (method != Method || ours.Length != theirs.Length)
            return null;
        var ids = new List<long>();
        foreach (var (our, their) in ours.Zip(theirs))
        {
            if (our.StartsWith(':'))
                ids.Add(ToI(their));
            else if (our != their)
                return null;
        }
        return [.. ids];
    }

    /// <summary>Ruby's <c>to_i</c>: the digits at the beginning, else 0.</summary>
    public static long ToI(string text)
    {
        var digits = string.Concat(text.TrimStart().TakeWhile(char.IsAsciiDigit));
        return digits.Length is > 0 and < 19 ? long.Parse(digits, CultureInfo.InvariantCulture) : 0;
    }
}

/// <summary>A call of an action.</summary>
internal sealed record OldCall(long[] Ids, JsonObject Input, string? Token)
{
    public string? Text(string name) => Input[name] is { } value ? value.ToString() : null;

    public long? Integer(string name) => Text(name) is { } text ? OldAction.ToI(text) : null;

    /// <summary>What is no word of truth is false.</summary>
    public bool? Flag(string name) => Text(name) is { } text ? text.ToLowerInvariant() is "true" or "t" or "yes" or "y" or "1" : null;
}
