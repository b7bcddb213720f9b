using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Accounts;

/// <summary>What kind of token is asked for.</summary>
/// <param name="Lifetime">fixed, renewable_manual, renewable_auto or permanent.</param>
/// <param name="Interval">How long it is valid, and by how much it is renewed.</param>
public sealed record TokenTerms(string Lifetime, TimeSpan Interval)
{
    public TokenScope Scope { get; init; } = TokenScope.All;

    /// <summary>Where it is asked for from.</summary>
    public Client Client { get; init; } = new("", null);

    /// <summary>Kind of the session: <c>token</c>, or <c>web</c> for a browser.</summary>
    public string AuthType { get; init; } = "token";

    /// <summary>What people call the session; null: what the program calls itself.</summary>
    public string? Label { get; init; }
}

/// <param name="Token">100 hex digits; shown once, stored as a digest.</param>
/// <param name="ValidTo">UTC; null: permanent.</param>
public sealed record IssuedToken(string Token, DateTimeOffset? ValidTo)
{
    /// <summary>
    /// The step that is still needed, named like the action of the token resource that takes it; the token is good for that step only. Null:
    /// nothing is missing.
    /// </summary>
    public string? NextStep { get; init; }
}

/// <summary>Who may come in.</summary>
public interface IAccounts
{
    /// <summary>For requests that carry user and password each time. Of those from one client within a minute one session is noted.</summary>
    /// <returns>Null when user or password is wrong, or the user has a second factor; takes equally long in all cases.</returns>
    Task<Caller?> VerifyPasswordAsync(string login, string password, Client client, CancellationToken cancel);

    /// <summary>The first step of a login.</summary>
    /// <returns>Null when user or password is wrong; takes equally long in both cases.</returns>
    Task<IssuedToken?> LogInAsync(string login, string password, TokenTerms terms, CancellationToken cancel);

    /// <summary>The login that an interim token belongs to.</summary>
    /// <returns>Null when there is none (any more).</returns>
    Task<string?> PendingLoginAsync(string interimToken, CancellationToken cancel);

    /// <summary>The second step of a login: a code of the user's device.</summary>
    /// <returns>Null when the code is wrong; the interim token stays good.</returns>
    /// <exception cref="ActionRefusedException">The interim token is unknown or too old.</exception>
    Task<IssuedToken?> ConfirmCodeAsync(string interimToken, string code, CancellationToken cancel);

    /// <param name="extend">Somebody makes a request: the session is in use, and a token that is <c>renewable_auto</c> gets longer. False: only asked for.</param>
    /// <returns>Null when the token is unknown, expired, or an interim one.</returns>
    Task<Caller?> VerifyTokenAsync(string token, bool extend, CancellationToken cancel);

    /// <returns>New expiry (UTC).</returns>
    /// <exception cref="ActionRefusedException">The token is not renewable.</exception>
    Task<DateTimeOffset?> RenewTokenAsync(long tokenId, CancellationToken cancel);

    Task RevokeTokenAsync(long tokenId, CancellationToken cancel);
}
