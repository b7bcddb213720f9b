using System.Text.Json.Nodes;

namespace VpsAdmin.HaveApi;

/// <param name="Path">Such as <c>dataset.snapshot</c>.</param>
public sealed record DescribedResource(string Path, string? Description, IReadOnlyList<DescribedAction> Actions);

/// <param name="FullName">What calls take: <c>dataset.snapshot#index</c>.</param>
/// <param name="IsBlocking">It may go on in the background.</param>
/// <param name="PathParameters">Names of the ids in the path, left to right: <c>dataset_id</c>.</param>
public sealed record DescribedAction(
    string Resource, string Name, string FullName, IReadOnlyList<string> Aliases, string? Description, string Method, string Path, bool RequiresLogin, bool IsBlocking,
    IReadOnlyList<string> PathParameters, IReadOnlyList<DescribedParameter> Input, IReadOnlyList<DescribedParameter> Output);

/// <param name="Type">String, Text, Integer, Float, Boolean, Datetime, Resource or Custom.</param>
/// <param name="IsNullable">JSON null clears it.</param>
/// <param name="IsProtected">A secret.</param>
/// <param name="Default">Null also when there is none.</param>
/// <param name="Choices">Empty when anything goes.</param>
/// <param name="AssociatedResource">Path of the resource whose id it is; of type Resource only.</param>
public sealed record DescribedParameter(
    string Name, string Type, bool IsRequired, bool IsNullable, bool IsProtected, string? Label, string? Description, JsonNode? Default,
    IReadOnlyList<DescribedChoice> Choices, string? AssociatedResource);

/// <param name="Label">For people; the same as the value where the server has none.</param>
public sealed record DescribedChoice(string Value, string Label);
