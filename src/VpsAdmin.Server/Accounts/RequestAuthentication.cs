using System.Net.Http.Headers;
using System.Text;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Accounts;

/// <summary>Who a request says it is from: HTTP Basic, a token in a header or in the query, or an access token of OAuth2 (spec/haveapi 7).</summary>
internal static class RequestAuthentication
{
    public const string TokenHeader = "X-HaveAPI-Auth-Token";
    public const string TokenQueryParameter = "_auth_token";
    public const string OAuthHeader = "X-HaveAPI-OAuth2-Token";

    // Strict: what is not UTF-8 is nobody's password.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>Null for nobody: no credentials, or none that are good. Whether that matters is the action's to say.</returns>
    /// <exception cref="ActionRefusedException">More than one token, or too many wrong passwords.</exception>
    public static async Task<Caller?> AuthenticateAsync(HttpContext http)
    {
        var caller = await FindCallerAsync(http).ConfigureAwait(false);

        // For the log of requests.
        http.Features.Set(caller);
        return caller;
    }

    private static async Task<Caller?> FindCallerAsync(HttpContext http)
    {
        string?[] tokens = [.. http.Request.Headers[TokenHeader], .. http.Request.Query[TokenQueryParameter]];
        string?[] access = [.. http.Request.Headers[OAuthHeader], .. Bearer(http.Request.Headers.Authorization)];
        if (tokens.Length + access.Length > 1) throw Refusals.MultipleTokens();

        var accounts = http.RequestServices.GetRequiredService<IAccounts>();
        if (tokens is [{ Length: > 0 } token] && await accounts.VerifyTokenAsync(token, extend: true, http.RequestAborted).ConfigureAwait(false) is { } owner)
            return owner;
        if (access is [{ Length: > 0 } accessToken] && http.RequestServices.GetService<IAccessTokens>() is { } logins
            && await logins.VerifyAsync(accessToken, http.RequestAborted).ConfigureAwait(false) is { } user)
            return user;
        if (BasicCredentials(http.Request.Headers.Authorization) is not var (login, password)) return null;

        var (throttle, client) = (http.RequestServices.GetRequiredService<LoginThrottle>(), Client.Of(http));
        using var attempt = await throttle.BeginAsync(login, client.Address, http.RequestAborted).ConfigureAwait(false);
        var caller = await accounts.VerifyPasswordAsync(login, password, client, http.RequestAborted).ConfigureAwait(false);
        if (caller is null) throttle.Failed(login, client.Address);
        else throttle.Succeeded(login, client.Address);
        return caller;
    }

    private static string?[] Bearer(string? authorization) =>
        AuthenticationHeaderValue.TryParse(authorization, out var header) && header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? [header.Parameter] : [];

    public static (string Login, string Password)? BasicCredentials(string? authorization)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header)
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            || header.Parameter is null)
            return null;
        try
        {
            var credentials = Utf8.GetString(Convert.FromBase64String(header.Parameter));
            var colon = credentials.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? null : (credentials[..colon], credentials[(colon + 1)..]);
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            // Not credentials at all: the same as none.
            return null;
        }
    }
}
