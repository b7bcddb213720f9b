using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.PS.Actions;

/// <param name="Resource">Whose objects the response has.</param>
/// <param name="Output">Their description.</param>
internal sealed record ActionOutcome(string Resource, ParametersDescription? Output, JsonNode? Response, long? ActionStateId);

/// <summary>Calls one action and follows what it started.</summary>
internal sealed class ActionRun(VpsAdminClient client, string resource, string action, IReadOnlyList<string> ids)
{
    private const string Get = "GET";
    private readonly string _name = $"{resource}#{action}";

    /// <summary>Null when the description that we have lacks it: it may be an old one, which calling finds out.</summary>
    public ActionDescription? Described { get; } = client.Api.Has($"{resource}#{action}") ? client.Api.Describe($"{resource}#{action}") : null;

    public bool OnlyReads => Described?.Method == Get;

    /// <param name="first">Only so many rows of a list; null: all.</param>
    /// <param name="progress">Null: what goes on in the background is not waited for.</param>
    /// <exception cref="ActionAbortedException">It ended without success.</exception>
    public async Task<ActionOutcome> RunAsync(JsonObject input, int? first, CallMeta meta, IProgress<ActionState>? progress, CancellationToken cancel)
    {
        if (OnlyReads && Described!.Output?.Layout is "object_list" or "hash_list")
            return await ListAsync(input, first, meta, cancel).ConfigureAwait(false);
        var result = await client.Api.CallAsync(_name, ids, input, meta, cancel).ConfigureAwait(false);
        var outcome = new ActionOutcome(resource, client.Api.Describe(_name).Output, result.Response, result.ActionStateId);
        if (result.ActionStateId is not { } state || progress is null)
            return outcome;
        await client.WaitAsync(state, progress, cancel).ConfigureAwait(false);
        return await ReadAgainAsync(result, meta, cancel).ConfigureAwait(false) ?? outcome;
    }

    private async Task<ActionOutcome> ListAsync(JsonObject input, int? first, CallMeta meta, CancellationToken cancel)
    {
        var rows = new JsonArray();
        await foreach (var row in client.Api.ListAsync(_name, ids, input, first, meta, cancel).ConfigureAwait(false))
            rows.Add(row.DeepClone());
        return new ActionOutcome(resource, client.Api.Describe(_name).Output, rows, null);
    }

    /// <summary>What an action that goes on answers is provisional (spec/haveapi 8): the object as it is afterwards, where it can be shown.</summary>
    private async Task<ActionOutcome?> ReadAgainAsync(ActionResult result, CallMeta meta, CancellationToken cancel)
    {
        var show = $"{resource}#show";
        if (Described?.Method == "DELETE" || !client.Api.Has(show) || result.Response is not JsonObject { Count: > 0 } || client.Api.PathOf(_name, ids, result) is not { } path)
            return null;
        try
        {
            var shown = await client.Api.CallAsync(show, path, null, meta, cancel).ConfigureAwait(false);
            return new ActionOutcome(resource, client.Api.Describe(show).Output, shown.Response, null);
        }
        catch (ActionFailedException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
