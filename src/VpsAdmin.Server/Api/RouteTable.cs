using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Api;

/// <summary>An action at its place in the tree.</summary>
/// <param name="Path">Absolute, with placeholders: <c>/v7.0/datasets/{dataset_id}</c>.</param>
/// <param name="Scope">Such as <c>dataset.snapshot#index</c>.</param>
internal sealed partial record Route(ApiResource Resource, ApiAction Action, string Path, string Scope)
{
    public IReadOnlyList<string> Placeholders { get; } = [.. Placeholder().Matches(Path).Select(m => m.Groups[1].Value)];

    /// <summary>Namespace of the output: plural for lists.</summary>
    public string OutputNamespace => Action.ReturnsList ? Resource.Plural : Resource.Name;

    /// <summary>Whether this caller may use it, at least for one object.</summary>
    public bool IsOpenTo(Caller? caller) => Action.IsOpenTo(caller) && (caller is null || caller.Scope.Covers(Scope));

    public IReadOnlyDictionary<string, long> ByPlaceholder(IReadOnlyList<long> pathIds) => Placeholders.Zip(pathIds).ToDictionary(p => p.First, p => p.Second);

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Placeholder();
}

/// <summary>A resource with the routes of its actions.</summary>
/// <param name="Names">Names from the top of the tree down to this resource's.</param>
internal sealed record ResourceRoutes(ApiResource Resource, IReadOnlyList<string> Names, IReadOnlyList<Route> Actions, IReadOnlyList<ResourceRoutes> Children);

/// <summary>Where every action of a catalogue is found.</summary>
internal sealed class RouteTable
{
    private readonly Dictionary<string, ResourceRoutes> _byName = [];

    /// <param name="prefix">In front of every path, such as <c>/v7.0</c>.</param>
    /// <exception cref="ArgumentException">Two actions share method and path, or two resources a name.</exception>
    public RouteTable(string prefix, IReadOnlyList<ApiResource> resources)
    {
        Prefix = prefix;
        Resources = [.. resources.Select(r => Place(r, [], $"{prefix}/{r.Plural}"))];
        Routes = [.. Resources.SelectMany(Flatten)];
        if (Routes.GroupBy(r => (r.Action.Method, r.Path)).FirstOrDefault(g => g.Count() > 1) is { } clash)
            throw new ArgumentException($"{clash.Key.Method} {clash.Key.Path} leads to {string.Join(" and ", clash.Select(r => r.Scope))}.", nameof(resources));
    }

    public string Prefix { get; }

    public IReadOnlyList<ResourceRoutes> Resources { get; }

    public IReadOnlyList<Route> Routes { get; }

    /// <param name="names">From the top down: <c>["dataset", "snapshot"]</c>.</param>
    /// <returns>Null when the catalogue has no such resource or action.</returns>
    public Route? Find(IReadOnlyList<string> names, string action) =>
        _byName.GetValueOrDefault(string.Join('.', names))?.Actions.FirstOrDefault(r => r.Action.Name == action);

    private ResourceRoutes Place(ApiResource resource, IReadOnlyList<string> parents, string path)
    {
        string[] names = [.. parents, resource.Name];
        var name = string.Join('.', names);
        var placed = new ResourceRoutes(
            resource,
            names,
            [.. resource.Actions.Select(a => new Route(resource, a, a.SubPath.Length == 0 ? path : $"{path}/{a.SubPath}", $"{name}#{a.Name}"))],
            [.. resource.Children.Select(c => Place(c, names, $"{path}/{{{resource.IdPlaceholder}}}/{c.Plural}"))]);
        if (!_byName.TryAdd(name, placed)) throw new ArgumentException($"Two resources are called {name}.", nameof(resource));
        return placed;
    }

    private static IEnumerable<Route> Flatten(ResourceRoutes resource) => resource.Actions.Concat(resource.Children.SelectMany(Flatten));
}
