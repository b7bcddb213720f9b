using System.Text.Json.Nodes;
using VpsAdmin.Server.Api;
using Route = VpsAdmin.Server.Api.Route;

namespace VpsAdmin.Server.Web.Calls;

/// <summary>
/// Calls the API's own actions for the person who is signed in, with the checks of a call over HTTP: what they may not do is refused here
/// as there, and what they may not see is not found. Each call has services of its own, so that parts of a page may be made side by side.
/// </summary>
/// <param name="api">Where actions are found.</param>
internal sealed class ApiCalls(RouteTable api, HaveApiOptions options, IServiceScopeFactory scopes, IHttpContextAccessor requests)
{
    private HttpContext Request => requests.HttpContext ?? throw new InvalidOperationException("Pages are made for requests.");

    /// <summary>Who is signed in.</summary>
    public Caller Caller => Request.Features.Get<Caller>() ?? throw Refusals.LoginRequired();

    public Client Client => Client.Of(Request);

    /// <summary>Goes when the browser does.</summary>
    public CancellationToken Cancel => Request.RequestAborted;

    /// <summary>Resources and actions of the catalogue.</summary>
    public RouteTable Catalogue => api;

    /// <param name="action">Such as <c>dataset.snapshot#index</c>.</param>
    /// <returns>Null when there is no such action for the person.</returns>
    public Route? Find(string action)
    {
        var (names, name) = (action[..action.IndexOf('#', StringComparison.Ordinal)], action[(action.IndexOf('#', StringComparison.Ordinal) + 1)..]);
        return api.Find(names.Split('.'), name) is { } route && route.IsOpenTo(Caller) ? route : null;
    }

    /// <param name="action">Such as <c>dataset.snapshot#index</c>.</param>
    /// <param name="ids">For its path, left to right.</param>
    /// <param name="input">Values as a query string would have them, or as JSON.</param>
    /// <exception cref="ActionRefusedException">As over HTTP.</exception>
    public async Task<ApiReply> CallAsync(string action, IReadOnlyList<long>? ids = null, JsonObject? input = null)
    {
        var (outcome, caller) = await RunAsync(Admit(action, ids ?? []), ids ?? [], input).ConfigureAwait(false);
        return new ApiReply([.. outcome.Objects.Select(o => Read(o, caller))], outcome.ActionStateId);
    }

    public async Task<IReadOnlyList<ApiObject>> ListAsync(string action, IReadOnlyList<long>? ids = null, JsonObject? input = null) =>
        (await CallAsync(action, ids, input).ConfigureAwait(false)).Objects;

    public async Task<ApiObject> ShowAsync(string action, params long[] ids) => (await CallAsync(action, ids).ConfigureAwait(false)).One;

    /// <returns>Null when it is not there, or not for the person.</returns>
    public async Task<ApiObject?> FindAsync(string action, params long[] ids)
    {
        try
        {
            return await ShowAsync(action, ids).ConfigureAwait(false);
        }
        catch (ActionRefusedException refusal) when (refusal.HttpStatus is StatusCodes.Status404NotFound)
        {
            return null;
        }
    }

    /// <summary>The reply as a client over HTTP gets it.</summary>
    public async Task<JsonObject> ReplyAsync(Route route, IReadOnlyList<long> ids, JsonObject input)
    {
        var (outcome, caller) = await RunAsync(Admit(route.Scope, ids), ids, input).ConfigureAwait(false);
        return new OutputWriter(options.Protocol.PathIds, RequestMeta.Read(null), caller).Write(route, outcome);
    }

    private Route Admit(string action, IReadOnlyList<long> ids)
    {
        var route = Find(action) ?? throw Refusals.NotAllowed();
        route.Action.RequireGoodStanding(Caller);
        return Caller.Scope.Covers(route.Scope, route.ByPlaceholder(ids)) ? route : throw Refusals.OutOfScope();
    }

    private async Task<(ActionOutcome Outcome, Caller Caller)> RunAsync(Route route, IReadOnlyList<long> ids, JsonObject? input)
    {
        var caller = Caller;
        var values = InputCheck.Check(route.Action, input ?? [], caller);
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var context = new ActionContext(ids, values, caller, Client, false, scope.ServiceProvider, Cancel);
        return (await route.Action.RunAsync(context).ConfigureAwait(false), caller);
    }

    private static ApiObject Read(OutputObject source, Caller caller) =>
        new(source.Values.Where(v => v.Parameter.IsOpenTo(caller)).ToDictionary(static v => v.Parameter.Name, static v => v.Value));
}
