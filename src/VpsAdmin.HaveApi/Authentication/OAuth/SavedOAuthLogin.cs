namespace VpsAdmin.HaveApi.Authentication;

/// <summary>An OAuth2 login as it is stored for later processes. Its owner alone may read it.</summary>
/// <param name="Id">The same through all renewals.</param>
/// <param name="RefreshToken">Null where the server gave none: the login ends with the access token.</param>
/// <param name="IssuedAt">UTC, by our clock.</param>
/// <param name="ExpiresAt">UTC, by our clock: of the access token; null when the server did not say.</param>
public sealed record SavedOAuthLogin(Guid Id, string AccessToken, string? RefreshToken, DateTimeOffset IssuedAt, DateTimeOffset? ExpiresAt)
{
    /// <summary>A record would print the tokens.</summary>
    public override string ToString() => $"OAuth2 login {Id}, access until {ExpiresAt?.ToString("u") ?? "its revocation"}";
}
