using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>Tokens for a code or a refresh token, which the library has checked, as long as the session is open.</summary>
internal sealed class OpenSessionsOnly(OAuthSessions sessions) : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        var principal = context.AuthorizationCodePrincipal ?? context.RefreshTokenPrincipal;
        if (principal is null || await sessions.UseAsync(principal, context.CancellationToken).ConfigureAwait(false) is null)
            context.Reject(OpenIddictConstants.Errors.InvalidGrant, "The session was closed.");
        else
            context.SignIn(principal);
    }
}

/// <summary>Whoever revokes one token of a session logs out.</summary>
internal sealed class RevocationClosesSession(OAuthSessions sessions) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        if (context.GenericTokenPrincipal is { } principal)
            await sessions.CloseAsync(principal, context.CancellationToken).ConfigureAwait(false);
    }
}
