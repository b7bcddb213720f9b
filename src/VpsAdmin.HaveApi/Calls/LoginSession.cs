using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

internal sealed class LoginSession(ApiTransport transport, ApiDescription description, IAuthentication authentication, TimeProvider time)
    : ILoginSession
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    public Uri BaseUri => transport.BaseUri;

    public ApiDescription Description => description;

    public TimeProvider Time => time;

    public HttpClient Http => transport.Http;

    public async Task<ActionResult> CallAsync(ActionDescription action, JsonObject input, bool authenticated, CancellationToken cancel)
    {
        var name = action.Scope ?? $"{action.Method} {action.Path ?? action.Url}";
        var request = RequestBuilder.Build(name, action, description.Meta.Namespace, [], input, null);
        var reply = await transport.SendAsync(request, authenticated ? authentication.Authenticate : null, TimeSpan.Zero, cancel).ConfigureAwait(false);
        return ResultReader.Read(name, action, description.Meta.Namespace, reply);
    }

    /// <summary>Gives back what login took, after a failure that the caller is about to report.</summary>
    public async Task GiveUpAsync()
    {
        using var timer = new CancellationTokenSource(Farewell, time);
        try
        {
            await authentication.LogoutAsync(this, timer.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HaveApiException or OperationCanceledException)
        {
            // The failure before this one is what the caller needs to know; the token runs out by itself.
        }
    }
}
