using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Accounts;

/// <param name="Token">100 hex digits; shown once, stored as a digest.</param>
/// <param name="ValidTo">UTC; null: permanent.</param>
public sealed record IssuedToken(string Token, DateTimeOffset? ValidTo);

/// <summary>Who may come in.</summary>
public interface IAccounts
{
    /// <returns>Null when user or password is wrong; takes equally long in both cases.</returns>
    Task<Caller?> VerifyPasswordAsync(string login, string password, CancellationToken cancel);

    /// <param name="lifetime">fixed, renewable_manual, renewable_auto or permanent.</param>
    Task<IssuedToken> IssueTokenAsync(long userId, string lifetime, TimeSpan interval, CancellationToken cancel);

    /// <summary>Also extends a token that is <c>renewable_auto</c>.</summary>
    /// <returns>Null when the token is unknown or expired.</returns>
    Task<Caller?> VerifyTokenAsync(string token, CancellationToken cancel);

    /// <returns>New expiry (UTC).</returns>
    /// <exception cref="ActionRefusedException">The token is not renewable.</exception>
    Task<DateTimeOffset?> RenewTokenAsync(long tokenId, CancellationToken cancel);

    Task RevokeTokenAsync(long tokenId, CancellationToken cancel);
}
