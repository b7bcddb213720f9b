using VpsAdmin.Server.Accounts;

namespace VpsAdmin.Server.Api;

/// <summary>One call: who asks, may they, for what, with which input; then the action; then its output.</summary>
internal sealed class ActionHandler(RouteTable api, HaveApiOptions options)
{
    public async Task<Reply> RunAsync(Route route, HttpContext http)
    {
        var caller = await RequestAuthentication.AuthenticateAsync(http).ConfigureAwait(false);
        Authorize(route.Action, caller);
        var pathIds = PathIds(route, http.Request);
        var request = await RequestInput.ReadAsync(http.Request, route, options.MaxRequestBytes).ConfigureAwait(false);
        var meta = RequestMeta.Read(request.Meta);
        var input = InputCheck.Check(route.Action, request.Input, caller);

        var context = new ActionContext(pathIds, input, caller, meta.Count, http.RequestServices, http.RequestAborted);
        var outcome = await route.Action.RunAsync(context).ConfigureAwait(false);
        if (meta.Includes.Count > 0 && !route.Action.PlainHash)
            outcome = await new Inclusion(api, context).EmbedAsync(outcome, meta.Includes).ConfigureAwait(false);
        return Reply.Done(OutputWriter.Write(route, outcome, meta, caller));
    }

    public static void Authorize(ApiAction action, Caller? caller)
    {
        if (action.RequiresLogin && caller is null) throw Refusals.LoginRequired();
        if (action.AdminOnly && caller is not { IsAdmin: true }) throw Refusals.NotAllowed();
    }

    /// <summary>An id that is no number belongs to no object.</summary>
    public static IReadOnlyList<long> PathIds(Route route, HttpRequest request) =>
        [.. route.Placeholders.Select(p => Coercion.ParseId((string)request.RouteValues[p]!) ?? throw ActionRefusedException.NotFound())];
}
