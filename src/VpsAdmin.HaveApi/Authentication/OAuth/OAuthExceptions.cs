namespace VpsAdmin.HaveApi.Authentication;

/// <summary>The authorization server, or the user in the browser, refused.</summary>
/// <param name="error">A code of RFC 6749, such as <c>access_denied</c> or <c>invalid_grant</c>, or the library's words.</param>
public sealed class OAuthFailedException(string what, string? error, string? description) : HaveApiException(
    $"{what}: {error ?? "no reason given"}{(description is null ? "" : $" ({description})")}")
{
    public string? Error { get; } = error;
}

/// <summary>An API names an authorization server elsewhere, which would get the user's password and the tokens.</summary>
public sealed class UntrustedOriginException(Uri endpoint) : HaveApiException(
    $"The API sends logins to {endpoint.GetLeftPart(UriPartial.Authority)}, which is not its own address. Trust it explicitly if it is right.")
{
    public Uri Endpoint { get; } = endpoint;
}
