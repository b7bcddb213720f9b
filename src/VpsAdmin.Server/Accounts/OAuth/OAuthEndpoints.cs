namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>Where the OAuth2 provider is: beside the token resource, below no version, as HaveAPI has it.</summary>
internal static class OAuthEndpoints
{
    public const string Authorize = "/_auth/oauth2/authorize";
    public const string Token = "/_auth/oauth2/token";
    public const string Revoke = "/_auth/oauth2/revoke";
}
