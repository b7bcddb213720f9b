using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Catalogue;

/// <summary>
/// A description to look things up in. Pure, and it never throws for what a server wrote: a name that nobody could type is left out, texts
/// are made fit for terminals.
/// </summary>
public static partial class ApiCatalogue
{
    private const int LongText = 500;

    /// <summary>All resources, those inside of others after them.</summary>
    public static IEnumerable<ApiResource> Resources(ApiDescription description) => Walk("", description.Resources).Select(r => new ApiResource(
        r.Path, Text(r.Resource.Description), [.. r.Resource.Actions.Keys.Where(IsName)]));

    /// <summary>The actions of one resource; none when there is no such resource.</summary>
    public static IEnumerable<ApiAction> Actions(ApiDescription description, string resource) =>
        Walk("", description.Resources).Where(r => r.Path == resource)
            .SelectMany(r => r.Resource.Actions.Where(a => IsName(a.Key) && a.Value is not null).Select(a => Action(r.Path, a.Key, a.Value)));

    /// <summary>Names of the ids in a path, <c>/datasets/{dataset_id}</c> or <c>/datasets/:dataset_id</c>.</summary>
    public static IReadOnlyList<string> Ids(ActionDescription action) =>
        [.. Placeholder().Matches(action.Path ?? action.Url ?? "").Select(m => m.Value.Trim('{', '}', ':'))];

    private static IEnumerable<(string Path, ResourceDescription Resource)> Walk(string prefix, IReadOnlyDictionary<string, ResourceDescription> resources) =>
        resources.Where(r => IsName(r.Key) && r.Value is not null)
            .SelectMany(r => Walk($"{prefix}{r.Key}.", r.Value.Resources).Prepend((prefix + r.Key, r.Value)));

    private static ApiAction Action(string resource, string name, ActionDescription action) => new(
        resource, name, Text(action.Method) ?? "", Text(action.Path ?? action.Url) ?? "", Ids(action), action.Blocking,
        [.. action.Aliases.Where(a => a is not null && IsName(a))], Text(action.Description), Parameters(action.Input), Parameters(action.Output));

    private static IReadOnlyList<ApiParameter> Parameters(ParametersDescription? parameters) =>
        [.. (parameters?.Parameters ?? new Dictionary<string, ParameterDescription>()).Where(p => IsName(p.Key) && p.Value is not null).Select(p => Parameter(p.Key, p.Value))];

    private static ApiParameter Parameter(string name, ParameterDescription parameter)
    {
        var isRequired = parameter.Required == true || parameter.Validators?.ContainsKey("present") == true;
        return new ApiParameter(
            name, Text(parameter.Type) ?? "", isRequired, parameter.Nullable ?? !isRequired, Text(parameter.Label), Text(parameter.Description),
            parameter.Resource is { } path ? Text(string.Join('.', path)) : null, Choices(parameter.Validators), Value(parameter.Default));
    }

    /// <summary>A list of values, or a map from values to what people read.</summary>
    private static IReadOnlyList<string> Choices(JsonObject? validators) => (validators?["include"] as JsonObject)?["values"] switch
    {
        JsonArray list => [.. list.Select(v => Text(v?.ToString())).OfType<string>()],
        JsonObject map => [.. map.Select(v => Text(v.Key)).OfType<string>()],
        _ => [],
    };

    private static object? Value(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when node.AsValue().TryGetValue(out long whole) => whole,
        JsonValueKind.Number when node.AsValue().TryGetValue(out double number) => number,
        JsonValueKind.String => Text(node.GetValue<string>()),
        null => null,
        _ => Text(node.ToJsonString()),
    };

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : ServerText.Printable(text, LongText);

    private static bool IsName(string name) => Name().IsMatch(name);

    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\{[a-zA-Z0-9_-]+\}|:[a-zA-Z_-]+")]
    private static partial Regex Placeholder();
}
