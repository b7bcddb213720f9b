using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>How a client proves who it is. Secrets stay inside and are never printed.</summary>
public interface IAuthentication
{
    /// <summary>
    /// Tells accounts apart, the same in every process; no secret. Null while it is not known: before a login that obtains a token.
    /// </summary>
    string? Identity { get; }

    /// <summary>Prepares from the server's (anonymous) description: reads header names, requests a token.</summary>
    /// <param name="session">Calls actions of the description.</param>
    /// <returns>True when the server issued something just now; false when it was asked for nothing.</returns>
    Task<bool> LoginAsync(ILoginSession session, CancellationToken cancel);

    /// <summary>Keeps the login alive; called before every call, does nothing most of the time.</summary>
    Task RenewAsync(ILoginSession session, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Adds the credentials, in exactly one place.</summary>
    void Authenticate(HttpRequestMessage request);

    /// <summary>Revokes the token, where it is ours. Called once.</summary>
    Task LogoutAsync(ILoginSession session, CancellationToken cancel);
}

/// <summary>What an authentication method may ask of the server.</summary>
public interface ILoginSession
{
    /// <summary>Of the API, with its path.</summary>
    Uri BaseUri { get; }

    ApiDescription Description { get; }

    TimeProvider Time { get; }

    /// <summary>For requests that are not HaveAPI's. It follows no redirects and has no timeout of its own.</summary>
    HttpClient Http { get; }

    /// <summary>Calls an action of the description's <c>authentication</c> section.</summary>
    Task<ActionResult> CallAsync(ActionDescription action, JsonObject input, bool authenticated, CancellationToken cancel);
}
