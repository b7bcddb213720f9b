using System.Globalization;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using OpenIddict.Validation;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>
/// Logins through a browser. Tokens are the library's; each names its session, and the session decides: one that was closed is an end to all
/// of its tokens, whatever they are and whoever closed it.
/// </summary>
internal sealed class OAuthSessions(VpsAdminDb db, OpenIddictValidationService validation, TimeProvider time) : IAccessTokens
{
    public const string AuthType = "oauth2";
    private const string SessionClaim = "session";
    private static readonly TimeSpan LastRequestPrecision = TimeSpan.FromMinutes(1);

    /// <summary>A session without a token yet: the client has the code, and has to bring it.</summary>
    /// <param name="label">Name of the client.</param>
    /// <returns>Who logs in, for the library to make a code of.</returns>
    public async Task<ClaimsPrincipal> OpenAsync(long userId, TokenScope scope, string label, Client client, CancellationToken cancel)
    {
        var session = new UserSession
        {
            UserId = userId, AuthType = AuthType, Label = label, ClientAddress = client.Address, UserAgent = client.Agent, Scope = scope.Text,
            TokenFragment = "", Lifetime = TokenLifetime.RenewableManual, Interval = OAuthHosting.AccessTokenLifetime, CreatedAt = time.GetUtcNow(),
        };
        db.UserSessions.Add(session);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);

        var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, userId.ToString(CultureInfo.InvariantCulture));
        identity.SetClaim(SessionClaim, session.Id);

        // What the library calls offline access is a refresh token: every client gets one.
        identity.SetScopes([.. scope.Text.Split(' '), OpenIddictConstants.Scopes.OfflineAccess]);
        identity.SetDestinations(static _ => [OpenIddictConstants.Destinations.AccessToken]);
        return new ClaimsPrincipal(identity);
    }

    public async Task<Caller?> VerifyAsync(string accessToken, CancellationToken cancel)
    {
        try
        {
            var principal = await validation.ValidateAccessTokenAsync(accessToken, cancel).ConfigureAwait(false);
            return await UseAsync(principal, cancel).ConfigureAwait(false);
        }
        catch (OpenIddictExceptions.ProtocolException)
        {
            return null;
        }
    }

    /// <summary>Notes that the session is in use.</summary>
    /// <returns>Null when it was closed.</returns>
    public async Task<Caller?> UseAsync(ClaimsPrincipal principal, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var session = await Session(principal).Where(static s => s.ClosedAt == null).Include(static s => s.User).AsNoTracking().SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        if (session is null || TokenScope.Parse(session.Scope) is not { } scope)
            return null;
        if (!(now - session.LastRequestAt < LastRequestPrecision))
            await Session(principal).ExecuteUpdateAsync(set => set.SetProperty(static s => s.LastRequestAt, now), cancel).ConfigureAwait(false);
        return new Caller(session.UserId, session.User.Login, session.User.Level, null) { SessionId = session.Id, Scope = scope, IsSuspended = session.User.State is UserState.Suspended };
    }

    public async Task CloseAsync(ClaimsPrincipal principal, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await Session(principal).Where(static s => s.ClosedAt == null).ExecuteUpdateAsync(set => set.SetProperty(static s => s.ClosedAt, now), cancel).ConfigureAwait(false);
    }

    /// <summary>Closes sessions that have no token any more: it was never fetched, or the last one has expired.</summary>
    public async Task CloseExpiredAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (unfetched, unused) = (now - OAuthHosting.CodeLifetime, now - OAuthHosting.RefreshTokenLifetime - LastRequestPrecision);
        await db.UserSessions.Where(s => s.AuthType == AuthType && s.ClosedAt == null
                && (s.LastRequestAt == null ? s.CreatedAt < unfetched : s.LastRequestAt < unused))
            .ExecuteUpdateAsync(set => set.SetProperty(static s => s.ClosedAt, now), cancel).ConfigureAwait(false);
    }

    private IQueryable<UserSession> Session(ClaimsPrincipal principal)
    {
        var id = long.TryParse(principal.GetClaim(SessionClaim), CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        return db.UserSessions.Where(s => s.Id == id && s.AuthType == AuthType);
    }
}
