using System.Globalization;
using VpsAdmin.Server.Accounts;

namespace VpsAdmin.Server.Api;

/// <summary>Answers OPTIONS. Callers who have logged in see only what they may use; what anonymous ones see is an option.</summary>
internal sealed class DescriptionHandler(Descriptions descriptions, HaveApiOptions options)
{
    /// <summary><c>OPTIONS /</c>: all versions, or what <c>describe</c> names.</summary>
    public async Task<Reply> RootAsync(HttpContext http)
    {
        var caller = await RequestAuthentication.AuthenticateAsync(http).ConfigureAwait(false);
        return Described((string?)http.Request.Query["describe"] switch
        {
            "versions" => descriptions.Versions(),
            "default" => descriptions.Version(caller),
            _ => descriptions.AllVersions(caller),
        });
    }

    /// <summary><c>OPTIONS /v7.0/</c></summary>
    public async Task<Reply> VersionAsync(HttpContext http) =>
        Described(descriptions.Version(await RequestAuthentication.AuthenticateAsync(http).ConfigureAwait(false)));

    /// <summary>OPTIONS on the path of actions; <c>method</c> names one of them, else it is the first.</summary>
    public async Task<Reply> ActionAsync(IReadOnlyList<Route> routes, HttpContext http)
    {
        var method = (string?)http.Request.Query["method"];
        var route = (method is null ? routes[0] : routes.FirstOrDefault(r => r.Action.Method.Equals(method, StringComparison.OrdinalIgnoreCase)))
                    ?? throw Refusals.ActionNotFound();
        var (caller, pathIds) = ActionHandler.Admit(route, await RequestAuthentication.AuthenticateAsync(http).ConfigureAwait(false), http.Request);
        var ids = route.ByPlaceholder(pathIds).ToDictionary(p => p.Key, p => p.Value.ToString(CultureInfo.InvariantCulture));
        return Described(descriptions.Action(route, ids, caller));
    }

    private Reply Described(System.Text.Json.Nodes.JsonObject description) => Reply.Described(options.Protocol, description);
}
