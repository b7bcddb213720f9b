using System.Globalization;
using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>Parameters described to clients.</summary>
/// <param name="ids">By placeholder, filled into the paths at which choices are found.</param>
internal sealed class ParameterDescriptions(RouteTable api, IReadOnlyDictionary<string, string> ids)
{
    public JsonObject Describe(InputParameter parameter) => parameter.Type == ParameterType.Resource
        ? Resource(parameter.Label, parameter.Description, parameter.Required, parameter.Nullable, parameter.Resource, parameter.ValueId, parameter.ValueLabel)
        : Typed(
            parameter.Type, parameter.Label, parameter.Description, parameter.Required, parameter.Nullable,
            Validators.Describe(parameter), Default(parameter.Default), parameter.Protected);

    public JsonObject Describe(OutputParameter parameter) => parameter.Type == ParameterType.Resource
        ? Resource(parameter.Label, parameter.Description, false, false, parameter.Resource, parameter.ValueId, parameter.ValueLabel)
        : Plain(parameter.Type, parameter.Label, parameter.Description);

    /// <summary>A typed parameter without rules: outputs and metadata.</summary>
    public static JsonObject Plain(ParameterType type, string label, string? description = null, JsonNode? @default = null) =>
        Typed(type, label, description, false, false, [], @default, false);

    public static string Help(string path, string method) => $"{path}?method={method}";

    /// <summary>Placeholders that have an id are replaced by it; the others stay.</summary>
    public static string Fill(string path, IReadOnlyDictionary<string, string> ids) =>
        ids.Aggregate(path, (filled, id) => filled.Replace($"{{{id.Key}}}", id.Value, StringComparison.Ordinal));

    private static JsonObject Typed(
        ParameterType type, string label, string? description, bool required, bool nullable, JsonObject validators, JsonNode? @default, bool isProtected) => new()
    {
        ["required"] = required,
        ["nullable"] = nullable,
        ["label"] = label,
        ["description"] = description,
        ["type"] = type.ToString(),
        ["validators"] = validators,
        ["default"] = @default,
        ["protected"] = isProtected,
    };

    /// <summary>Of an association, <c>required</c> is true or null, never false.</summary>
    private JsonObject Resource(
        string label, string? description, bool required, bool nullable, IReadOnlyList<string>? resource, string valueId, string valueLabel) => new()
    {
        ["required"] = required ? true : null,
        ["nullable"] = nullable,
        ["label"] = label,
        ["description"] = description,
        ["type"] = nameof(ParameterType.Resource),
        ["resource"] = new JsonArray([.. (resource ?? []).Select(name => JsonValue.Create(name))]),
        ["value_id"] = valueId,
        ["value_label"] = valueLabel,
        ["value"] = null,
        ["choices"] = Choices(resource ?? []),
    };

    /// <summary>Where a user picks from; null when the resource has no list.</summary>
    private JsonObject? Choices(IReadOnlyList<string> resource)
    {
        if (api.Find(resource, "index") is not { } index) return null;
        var path = Fill(index.Path, ids);
        return new JsonObject { ["path"] = path, ["method"] = index.Action.Method, ["help"] = Help(path, index.Action.Method) };
    }

    private static JsonValue? Default(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        double number => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };
}
