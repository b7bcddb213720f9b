using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>A description as a flat list for people. Pure.</summary>
internal static class Catalogue
{
    private const int LongText = 10_000;

    public static IReadOnlyList<DescribedResource> Of(ApiDescription description) =>
        [.. description.Resources.SelectMany(r => Of(r.Key, r.Value)).OrderBy(r => r.Path, StringComparer.Ordinal)];

    private static IEnumerable<DescribedResource> Of(string path, ResourceDescription resource) => resource.Resources
        .SelectMany(child => Of($"{path}.{child.Key}", child.Value))
        .Prepend(new DescribedResource(path, Text(resource.Description), [.. resource.Actions.Select(action => Action(path, action.Key, action.Value))]));

    private static DescribedAction Action(string resource, string name, ActionDescription action) => new(
        resource, name, $"{resource}#{name}", action.Aliases, Text(action.Description), action.Method, action.Path ?? action.Url ?? "", action.Auth, action.Blocking,
        RequestBuilder.Placeholders(action), Parameters(action.Input), Parameters(action.Output));

    private static IReadOnlyList<DescribedParameter> Parameters(ParametersDescription? parameters) =>
        [.. (parameters?.Parameters ?? new Dictionary<string, ParameterDescription>()).Select(p => Parameter(p.Key, p.Value))];

    private static DescribedParameter Parameter(string name, ParameterDescription parameter) => new(
        name,
        parameter.Type,
        InputValues.IsRequired(parameter),
        InputValues.IsNullable(parameter),
        parameter.Protected == true,
        Text(parameter.Label),
        Text(parameter.Description),
        parameter.Default,
        InputValues.Choices(parameter) ?? [],
        parameter.Resource is { Count: > 0 } path ? string.Join('.', path) : null);

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : ServerText.Printable(text, LongText);
}
