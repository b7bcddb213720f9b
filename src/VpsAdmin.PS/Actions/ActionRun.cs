using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Catalogue;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.PS.Actions;

/// <param name="Resource">Whose objects the response has.</param>
/// <param name="Output">Their description.</param>
internal sealed record ActionOutcome(string Resource, ParametersDescription? Output, ActionResult Result);

/// <summary>Calls one action and follows what it started.</summary>
internal sealed class ActionRun(VpsAdminClient client, string resource, string action)
{
    private readonly ActionDescription _described = client.Api.Describe($"{resource}#{action}");

    public ActionDescription Described => _described;

    /// <param name="progress">Null: what goes on in the background is not waited for.</param>
    /// <exception cref="ActionAbortedException">It ended without success.</exception>
    public async Task<ActionOutcome> RunAsync(
        IReadOnlyList<long> ids, JsonObject input, CallMeta meta, IProgress<ActionState>? progress, CancellationToken cancel)
    {
        var result = await client.Api.CallAsync($"{resource}#{action}", ids, input, meta, cancel).ConfigureAwait(false);
        var outcome = new ActionOutcome(resource, _described.Output, result);
        if (result.ActionStateId is not { } state || progress is null)
            return outcome;
        await client.WaitAsync(state, progress, cancel).ConfigureAwait(false);
        return await ReadAgainAsync(outcome, ids, meta, cancel).ConfigureAwait(false);
    }

    /// <summary>What an action that goes on answers is provisional (spec/haveapi 8): the object as it is afterwards, where it can be shown.</summary>
    private async Task<ActionOutcome> ReadAgainAsync(ActionOutcome outcome, IReadOnlyList<long> ids, CallMeta meta, CancellationToken cancel)
    {
        var show = $"{resource}#show";
        if (_described.Method == "DELETE" || !client.Api.Has(show) || PathOf(show, outcome.Result, ids) is not { } path)
            return outcome;
        try
        {
            var shown = await client.Api.CallAsync(show, path, null, meta, cancel).ConfigureAwait(false);
            return new ActionOutcome(resource, client.Api.Describe(show).Output, shown);
        }
        catch (ActionFailedException e) when (e.IsNotFound)
        {
            return outcome;
        }
    }

    private IReadOnlyList<long>? PathOf(string show, ActionResult result, IReadOnlyList<long> ids)
    {
        var count = ApiCatalogue.Ids(client.Api.Describe(show)).Count;
        if (result.PathIds is { } path && path.Count == count)
            return path;
        if ((result.Response as JsonObject)?["id"] is not JsonValue value || !value.TryGetValue(out long id))
            return null;
        if (ids.Count == count && count > 0 && ids[^1] == id)
            return ids;
        return ids.Count == count - 1 ? [.. ids, id] : null;
    }
}
