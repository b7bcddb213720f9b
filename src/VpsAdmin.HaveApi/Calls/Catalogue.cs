using System.Text.RegularExpressions;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>A description as a flat list for people: texts fit for terminals, names that nobody could type left out. Pure.</summary>
internal static partial class Catalogue
{
    private const int LongText = 10_000;

    public static IReadOnlyList<DescribedResource> Of(ApiDescription description) =>
        [.. Named(description.Resources).SelectMany(r => Of(r.Key, r.Value)).OrderBy(r => r.Path, StringComparer.Ordinal)];

    private static IEnumerable<DescribedResource> Of(string path, ResourceDescription resource) => Named(resource.Resources)
        .SelectMany(child => Of($"{path}.{child.Key}", child.Value))
        .Prepend(new DescribedResource(path, Text(resource.Description), [.. Named(resource.Actions).Select(action => Action(path, action.Key, action.Value))]));

    private static DescribedAction Action(string resource, string name, ActionDescription action) => new(
        resource, name, $"{resource}#{name}", [.. action.Aliases.Where(IsName)], Text(action.Description), Text(action.Method) ?? "",
        Text(action.Path ?? action.Url) ?? "", action.Auth, action.Blocking, RequestBuilder.Placeholders(action), Parameters(action.Input), Parameters(action.Output));

    private static IReadOnlyList<DescribedParameter> Parameters(ParametersDescription? parameters) =>
        parameters is null ? [] : [.. Named(parameters.Parameters).Select(p => Parameter(p.Key, p.Value))];

    private static DescribedParameter Parameter(string name, ParameterDescription parameter) => new(
        name,
        Text(parameter.Type) ?? "Custom",
        InputValues.IsRequired(parameter),
        InputValues.IsNullable(parameter),
        parameter.Protected == true,
        Text(parameter.Label),
        Text(parameter.Description),
        parameter.Default,
        [.. (InputValues.Choices(parameter) ?? []).Where(choice => !choice.Value.Any(char.IsControl))],
        parameter.Resource is { Count: > 0 } path ? Text(string.Join('.', path)) : null);

    private static IEnumerable<KeyValuePair<string, T>> Named<T>(IReadOnlyDictionary<string, T> described) => described.Where(d => IsName(d.Key));

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : ServerText.Printable(text, LongText);

    private static bool IsName(string name) => Name().IsMatch(name);

    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}\z")]
    private static partial Regex Name();
}
