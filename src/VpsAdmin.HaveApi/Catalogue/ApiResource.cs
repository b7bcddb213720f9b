namespace VpsAdmin.HaveApi.Catalogue;

/// <summary>A resource of a server, as its description tells of it to this user.</summary>
/// <param name="Resource">Path of names, <c>dataset.snapshot</c>.</param>
public sealed record ApiResource(string Resource, string? Description, IReadOnlyList<string> Actions);

/// <param name="Resource">Path of names, <c>dataset.snapshot</c>.</param>
/// <param name="Ids">Names of the ids that its path takes, in their order.</param>
/// <param name="IsBlocking">It goes on in the background after the answer.</param>
/// <param name="Output">What an object of its answer has.</param>
public sealed record ApiAction(
    string Resource, string Action, string Method, string Path, IReadOnlyList<string> Ids, bool IsBlocking, IReadOnlyList<string> Aliases,
    string? Description, IReadOnlyList<ApiParameter> Parameters, IReadOnlyList<ApiParameter> Output)
{
    public override string ToString() => $"{Resource}#{Action}";
}

/// <param name="Type">String, Text, Integer, Float, Boolean, Datetime, Resource or Custom.</param>
/// <param name="Target">Path of the resource whose id it is; null for other types.</param>
/// <param name="Choices">The only values that it may have; empty: not restricted to some.</param>
/// <param name="Default">Text, number or truth; null when there is none.</param>
public sealed record ApiParameter(
    string Parameter, string Type, bool IsRequired, bool IsNullable, string? Label, string? Description, string? Target,
    IReadOnlyList<string> Choices, object? Default)
{
    public override string ToString() => Parameter;
}
