namespace VpsAdmin.HaveApi.Authentication;

/// <summary>A token as it is stored for later processes. Its owner alone may read it.</summary>
/// <param name="Interval">Life of the token.</param>
/// <param name="IssuedAt">UTC, by our clock: when it was issued or renewed last.</param>
/// <param name="ValidTo">UTC, as the server said; null: it does not end, or the server did not say.</param>
public sealed record SavedToken(string Token, TokenLifetime Lifetime, TimeSpan Interval, DateTimeOffset IssuedAt, DateTimeOffset? ValidTo)
{
    /// <summary>A record would print the token.</summary>
    public override string ToString() => $"{Lifetime} token, valid to {ValidTo?.ToString("u") ?? "its revocation"}";
}
