using VpsAdmin.Server.Accounts;

namespace VpsAdmin.Server.Api;

/// <summary>One call: who asks, may they, for what, with which input; then the action; then its output.</summary>
internal sealed class ActionHandler(RouteTable api, HaveApiOptions options)
{
    public async Task<Reply> RunAsync(Route route, HttpContext http)
    {
        var (caller, pathIds) = Admit(route, await RequestAuthentication.AuthenticateAsync(http).ConfigureAwait(false), http.Request);
        route.Action.RequireGoodStanding(caller);
        var request = await RequestInput.ReadAsync(http.Request, route, options.MaxRequestBytes).ConfigureAwait(false);
        var meta = RequestMeta.Read(request.Meta);
        var input = InputCheck.Check(route.Action, request.Input, caller);

        var context = new ActionContext(pathIds, input, caller, Client.Of(http), meta.Count, http.RequestServices, http.RequestAborted);
        var outcome = await route.Action.RunAsync(context).ConfigureAwait(false);
        if (meta.Includes.Count > 0 && !route.Action.PlainHash)
            outcome = await new Inclusion(api, context).EmbedAsync(outcome, meta.Includes).ConfigureAwait(false);
        return Reply.Done(new OutputWriter(options.Protocol.PathIds, meta, caller).Write(route, outcome));
    }

    /// <returns>Who asks, null for nobody, and for which object.</returns>
    /// <exception cref="ActionRefusedException">They may not, or there is no such object.</exception>
    public static (Caller? Caller, IReadOnlyList<long> PathIds) Admit(Route route, Caller? caller, HttpRequest request)
    {
        if (route.Action.RequiresLogin && caller is null) throw Refusals.LoginRequired();
        if (!route.Action.IsOpenTo(caller)) throw Refusals.NotAllowed();
        var pathIds = PathIds(route, request);
        if (caller is null || caller.Scope.Covers(route.Scope, route.ByPlaceholder(pathIds))) return (caller, pathIds);

        // Where nobody has to log in, a token that is not good for it is as good as none.
        return route.Action.RequiresLogin ? throw Refusals.OutOfScope() : (null, pathIds);
    }

    /// <summary>An id that is no number belongs to no object.</summary>
    private static IReadOnlyList<long> PathIds(Route route, HttpRequest request) =>
        [.. route.Placeholders.Select(p => Coercion.ParseId((string)request.RouteValues[p]!) ?? throw ActionRefusedException.NotFound())];
}
