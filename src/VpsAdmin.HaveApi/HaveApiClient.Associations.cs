using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Calls;

namespace VpsAdmin.HaveApi;

public sealed partial class HaveApiClient
{
    /// <summary>The ids that lead to the object that an action returned, for its own actions.</summary>
    /// <param name="called">Ids that the action was called with.</param>
    /// <returns>Null when it cannot be known.</returns>
    public IReadOnlyList<string>? PathOf(string action, IReadOnlyList<string> called, ActionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return PathIds.Of(result.Object, result.Meta, called, PathLength(action, called));
    }

    /// <summary>The same for an item of a list, whose metadata is inside.</summary>
    public IReadOnlyList<string>? PathOf(string action, IReadOnlyList<string> called, JsonObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return PathIds.Of(item, item[Description.Meta.Namespace] as JsonObject, called, PathLength(action, called));
    }

    /// <summary>The object that an output parameter of type Resource refers to: as it came, where the server included it, else by its show action.</summary>
    /// <param name="parameter">Name of the output parameter of <paramref name="action"/>.</param>
    /// <param name="association">Its value.</param>
    /// <exception cref="NotDescribedException">It is no association, or what it refers to cannot be shown.</exception>
    public async Task<JsonObject> LoadAsync(string action, string parameter, JsonObject association, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(association);
        var meta = association[Description.Meta.Namespace] as JsonObject;
        // Asking for it to be included is advice: each value tells whether it was followed.
        if (meta?["resolved"] is JsonValue resolved && resolved.TryGetValue(out bool isWhole) && isWhole)
            return association;
        var described = Describe(action).Output?.Parameters.GetValueOrDefault(parameter);
        if (described?.Resource is not { Count: > 0 } resource)
            throw new NotDescribedException($"The server does not describe '{parameter}' of {action} as another object.");
        var ids = PathIds.Read(meta) ?? throw new ProtocolException($"The server does not say where the '{parameter}' of {action} is.");
        return (await CallAsync($"{string.Join('.', resource)}#show", ids, null, null, cancel).ConfigureAwait(false)).Object;
    }

    private int PathLength(string action, IReadOnlyList<string> called)
    {
        var show = action[..(action.IndexOf('#', StringComparison.Ordinal) + 1)] + "show";
        if (Has(show))
            return RequestBuilder.Placeholders(Describe(show)).Count;
        return called.Count + (action.EndsWith("#index", StringComparison.Ordinal) || action.EndsWith("#create", StringComparison.Ordinal) ? 1 : 0);
    }
}
