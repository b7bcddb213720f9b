using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>How a client proves who it is. Secrets stay inside and are never printed.</summary>
public interface IAuthentication
{
    /// <summary>Prepares from the server's (anonymous) description: reads header names, requests a token.</summary>
    /// <param name="session">Calls actions of the description.</param>
    Task LoginAsync(ILoginSession session, CancellationToken cancel);

    /// <summary>Keeps the login alive; called before every call, does nothing most of the time.</summary>
    Task RenewAsync(ILoginSession session, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Adds the credentials, in exactly one place.</summary>
    void Authenticate(HttpRequestMessage request);

    /// <summary>Gives back what <see cref="LoginAsync"/> took: revokes a token that it requested. Called once.</summary>
    Task LogoutAsync(ILoginSession session, CancellationToken cancel);
}

/// <summary>What an authentication method may ask of the server.</summary>
public interface ILoginSession
{
    ApiDescription Description { get; }

    TimeProvider Time { get; }

    /// <summary>Calls an action of the description's <c>authentication</c> section.</summary>
    Task<ActionResult> CallAsync(ActionDescription action, JsonObject input, bool authenticated, CancellationToken cancel);
}
