namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>Where the OAuth2 provider is: beside the token resource, below no version, as HaveAPI has it.</summary>
internal static class OAuthEndpoints
{
    public const string Root = "/_auth/oauth2";
    public const string Authorize = Root + "/authorize";
    public const string Token = Root + "/token";
    public const string Revoke = Root + "/revoke";
}
