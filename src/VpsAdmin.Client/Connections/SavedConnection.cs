using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.Client.Connections;

/// <summary>What a later process needs to go on with a session.</summary>
/// <param name="Token">A secret, the access token of <paramref name="OAuth"/> also; null when it is in <paramref name="Vault"/>.</param>
/// <param name="Vault">Name of the secret vault that has the token; null when it is here.</param>
/// <param name="Terms">On what terms the token was requested; null when somebody else made it, who then also ends it.</param>
/// <param name="OAuth">The rest of a login through the browser; null for HaveAPI's own tokens.</param>
public sealed record SavedConnection(
    string Name, Uri Uri, string User, long UserId, string? Token, string? Vault, SavedTerms? Terms, SavedOAuth? OAuth)
{
    /// <summary>UTC; null where the session does not end by itself or the server did not say.</summary>
    public DateTimeOffset? ValidTo => Terms?.ValidTo ?? (OAuth is { RefreshToken: null } login ? login.ExpiresAt : null);

    /// <summary>A record would print the token.</summary>
    public override string ToString() => $"{Name}: {User} at {Uri}";
}

/// <param name="Interval">From 1 second to 1 day.</param>
/// <param name="IssuedAt">UTC, by our clock.</param>
/// <param name="ValidTo">UTC, as the server said; null: it does not end, or the server did not say.</param>
public sealed record SavedTerms(TokenLifetime Lifetime, TimeSpan Interval, DateTimeOffset IssuedAt, DateTimeOffset? ValidTo);

/// <param name="RefreshToken">A secret; null where the server gave none.</param>
/// <param name="IssuedAt">UTC, by our clock.</param>
/// <param name="ExpiresAt">UTC, by our clock; null when the server did not say.</param>
public sealed record SavedOAuth(OAuthClient Client, Guid Id, string? RefreshToken, DateTimeOffset IssuedAt, DateTimeOffset? ExpiresAt)
{
    /// <summary>A record would print the token.</summary>
    public override string ToString() => $"OAuth2 login {Id}";
}
