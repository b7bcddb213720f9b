using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Sharing;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>The OAuth2 provider: code grant with PKCE, refresh, revocation. The protocol is OpenIddict's, the login page and the sessions are ours.</summary>
internal static class OAuthHosting
{
    public static readonly TimeSpan AccessTokenLifetime = TimeSpan.FromMinutes(15);

    /// <summary>From its issue; each refresh gives a new one.</summary>
    public static readonly TimeSpan RefreshTokenLifetime = TimeSpan.FromDays(14);

    public static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(5);

    /// <param name="keys">Folder for the keys that tokens and forms are protected with.</param>
    public static IServiceCollection AddOAuth(this IServiceCollection services, string keys)
    {
        services.AddDataProtection().SetApplicationName("vpsadmin").PersistKeysToFileSystem(Directory.CreateDirectory(keys, OwnerOnlyFile.Mode | UnixFileMode.UserExecute));
        services.AddAntiforgery(static options =>
        {
            (options.FormFieldName, options.HeaderName) = (LoginForm.Token, null);
            (options.Cookie.Name, options.Cookie.SameSite, options.Cookie.SecurePolicy) = ("vpsadmin-login", SameSiteMode.Strict, CookieSecurePolicy.SameAsRequest);
        });

        // Keys lie as open as the database beside them; and what the library tells of requests is for its developers.
        services.AddLogging(static logging => logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error).AddFilter("OpenIddict", LogLevel.Warning));
        services.AddOpenIddict().AddCore(static core => core.UseEntityFrameworkCore().UseDbContext<VpsAdminDb>()).AddServer(Configure).AddValidation(static validation =>
        {
            validation.UseLocalServer();
            validation.UseDataProtection();
            validation.EnableTokenEntryValidation();
            validation.EnableAuthorizationEntryValidation();
        });

        // Known when the server listens, which it does before the first request.
        services.AddOptions<OpenIddictServerOptions>().Configure<ServerAddress>(static (options, address) => options.Issuer = new Uri(address.BaseUrl + "/"));
        services.AddScoped<OAuthSessions>();
        services.AddScoped<IAccessTokens>(static s => s.GetRequiredService<OAuthSessions>());
        services.AddSingleton(static s => new OAuthOffer(() => Describe(s.GetRequiredService<ServerAddress>().BaseUrl)));
        services.AddLed<OAuthPruning>();
        return services;
    }

    /// <summary>Behind routing and CORS: scripts of other pages fetch tokens.</summary>
    public static void MapOAuth(this WebApplication app)
    {
        app.UseAuthentication();
        app.MapMethods(OAuthEndpoints.Authorize, [HttpMethods.Get, HttpMethods.Post], (Delegate)LoginEndpoint.HandleAsync);
    }

    private static void Configure(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris(OAuthEndpoints.Authorize).SetTokenEndpointUris(OAuthEndpoints.Token).SetRevocationEndpointUris(OAuthEndpoints.Revoke);

        // Clients learn of the endpoints from the API's description; there are no identity tokens to check.
        server.SetConfigurationEndpointUris(Array.Empty<Uri>()).SetJsonWebKeySetEndpointUris(Array.Empty<Uri>());
        server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().RequireProofKeyForCodeExchange();
        server.SetAuthorizationCodeLifetime(CodeLifetime).SetAccessTokenLifetime(AccessTokenLifetime).SetRefreshTokenLifetime(RefreshTokenLifetime);

        // Scopes are patterns over the API's actions; the login page checks them.
        server.DisableScopeValidation().IgnoreScopePermissions();

        // In the database, so that they can be revoked; clients hold random references.
        server.UseReferenceAccessTokens().UseReferenceRefreshTokens();
        server.UseDataProtection();

        // Asked for by the library, for tokens in a format that is not used.
        server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))).AddSigningKey(new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)));
        server.AddEventHandler<HandleTokenRequestContext>(static handler => handler.UseScopedHandler<OpenSessionsOnly>());
        server.AddEventHandler<HandleRevocationRequestContext>(static handler => handler.UseScopedHandler<RevocationClosesSession>());

        RefuseNul<ExtractAuthorizationRequestContext>(server);
        RefuseNul<ExtractTokenRequestContext>(server);
        RefuseNul<ExtractRevocationRequestContext>(server);

        // TLS is the proxy's in front of the server.
        server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().DisableTransportSecurityRequirement();
    }

    /// <summary>When all that the request brings has been read.</summary>
    private static void RefuseNul<TContext>(OpenIddictServerBuilder server) where TContext : BaseValidatingContext =>
        server.AddEventHandler<TContext>(static handler => handler.UseSingletonHandler<TextOnly<TContext>>().SetOrder(int.MaxValue));

    private static JsonObject Describe(string baseUrl) => new()
    {
        ["description"] = "Log in with a browser: code grant with PKCE, for clients that the administrator has registered.",
        ["http_header"] = RequestAuthentication.OAuthHeader,
        ["authorize_url"] = baseUrl + OAuthEndpoints.Authorize,
        ["authorize_path"] = OAuthEndpoints.Authorize,
        ["token_url"] = baseUrl + OAuthEndpoints.Token,
        ["token_path"] = OAuthEndpoints.Token,
        ["revoke_url"] = baseUrl + OAuthEndpoints.Revoke,
        ["revoke_path"] = OAuthEndpoints.Revoke,
    };
}
