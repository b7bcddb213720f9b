namespace VpsAdmin.Server.Api;

/// <summary>
/// Embeds the associations that a client asked for (<c>_meta.includes</c>), read by the <c>show</c> action of their resource for the same
/// caller. Advisory: what cannot be read that way stays an unresolved association.
/// </summary>
internal sealed class Inclusion(RouteTable api, ActionContext call)
{
    private const string Nesting = "__";
    private const int MaxDepth = 5;

    private readonly Dictionary<(string Path, string Ids), OutputObject?> _loaded = [];

    /// <param name="includes">Names such as <c>user</c> or <c>parent__user</c>; unknown ones mean nothing.</param>
    public async Task<ActionOutcome> EmbedAsync(ActionOutcome outcome, IReadOnlyList<string> includes)
    {
        var objects = new List<OutputObject>(outcome.Objects.Count);
        foreach (var source in outcome.Objects) objects.Add(await EmbedAsync(source, includes, depth: 1).ConfigureAwait(false));
        return outcome with { Objects = objects };
    }

    private async Task<OutputObject> EmbedAsync(OutputObject source, IReadOnlyList<string> includes, int depth)
    {
        if (includes.Count == 0 || depth > MaxDepth) return source;
        var wanted = includes.Select(name => name.Split(Nesting, 2)).ToLookup(parts => parts[0], parts => parts.ElementAtOrDefault(1));
        var values = new List<OutputValue>(source.Values.Count);
        foreach (var value in source.Values)
        {
            var loaded = value.Value is Association association && wanted.Contains(value.Parameter.Name)
                ? await LoadAsync(value.Parameter.Resource ?? [], association.PathIds).ConfigureAwait(false)
                : null;
            values.Add(loaded is null
                ? value
                : value with { Value = await EmbedAsync(loaded, [.. wanted[value.Parameter.Name].OfType<string>()], depth + 1).ConfigureAwait(false) });
        }

        return source with { Values = values };
    }

    private async Task<OutputObject?> LoadAsync(IReadOnlyList<string> resource, IReadOnlyList<long> pathIds)
    {
        if (api.Find(resource, "show") is not { } show || !show.IsOpenTo(call.CallerIfAny) || show.Placeholders.Count != pathIds.Count) return null;
        if (show.Action.RequiresLogin && call.CallerIfAny is null) return null;
        if (call.CallerIfAny is { } caller && !caller.Scope.Covers(show.Scope, show.ByPlaceholder(pathIds))) return null;

        var key = (show.Path, string.Join('/', pathIds));
        if (!_loaded.TryGetValue(key, out var loaded)) _loaded[key] = loaded = await ShowAsync(show, pathIds).ConfigureAwait(false);
        return loaded;
    }

    private async Task<OutputObject?> ShowAsync(Route show, IReadOnlyList<long> pathIds)
    {
        try
        {
            var input = InputCheck.Check(show.Action, null, call.CallerIfAny);
            var context = new ActionContext(pathIds, input, call.CallerIfAny, call.Client, countRequested: false, call.Services, call.Cancel);
            return await show.Action.RunAsync(context).ConfigureAwait(false) is { Objects: [var shown, ..] } ? shown : null;
        }
        catch (ActionRefusedException)
        {
            // The caller may know of it without being allowed to look at it, or it has just gone.
            return null;
        }
    }
}
