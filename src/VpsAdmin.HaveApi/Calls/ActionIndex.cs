using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>The actions of a description by name, <c>dataset.snapshot#index</c>, and by alias, <c>dataset.snapshot#list</c>.</summary>
internal sealed class ActionIndex
{
    private readonly Dictionary<string, (string Name, ActionDescription Action)> _actions = new(StringComparer.Ordinal);

    public ActionIndex(ApiDescription description)
    {
        foreach (var (name, resource) in description.Resources)
            Add(name, resource);
    }

    public bool Has(string action) => _actions.ContainsKey(action);

    /// <summary>The action and its name, never an alias.</summary>
    /// <exception cref="NotDescribedException"/>
    public (string Name, ActionDescription Action) Find(string action) => _actions.TryGetValue(action, out var found)
        ? found
        : throw new NotDescribedException($"The server describes no '{action}' to this user. It may be too old for it, or the user may not do it.");

    private void Add(string path, ResourceDescription? resource)
    {
        // Annotations say that there is no null; the deserializer does not look into dictionaries and lists.
        if (resource is null || resource.Actions.Values.Any(HasNull))
            throw new ProtocolException($"The server's description of '{ServerText.Printable(path, 100)}' has null where it cannot be.");
        foreach (var (name, action) in resource.Actions)
            _actions[$"{path}#{name}"] = ($"{path}#{name}", action);
        // After the names: an alias never hides an action.
        foreach (var (name, action) in resource.Actions)
        {
            foreach (var alias in action.Aliases)
                _actions.TryAdd($"{path}#{alias}", ($"{path}#{name}", action));
        }
        foreach (var (name, child) in resource.Resources)
            Add($"{path}.{name}", child);
    }

    private static bool HasNull(ActionDescription? action) => action is null || action.Aliases.Any(alias => alias is null)
        || action.Input?.Parameters.Values.Any(p => p is null) == true || action.Output?.Parameters.Values.Any(p => p is null) == true;
}
