using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Web.SignIn;

/// <summary>
/// A browser that is signed in: its cookie holds a token of the API, which belongs to a session like any other. When that is closed, from
/// anywhere, or expires, the cookie is worth nothing.
/// </summary>
internal sealed class SessionCookie(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IAccounts accounts)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "vpsadmin-web";

    /// <summary>Kind of session, as the list of sessions calls it.</summary>
    public const string AuthType = "web";

    private const string Cookie = "vpsadmin-session";

    /// <summary>From the last request on.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>Not sent by requests that other sites make, other than following a link; and every form has a token of its own.</summary>
    public static void Write(HttpContext http, string token) => http.Response.Cookies.Append(Cookie, token, new CookieOptions
    {
        HttpOnly = true, Secure = http.Request.IsHttps, SameSite = SameSiteMode.Lax, Path = WebPaths.Root, IsEssential = true,
    });

    public static void Delete(HttpContext http) => http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = WebPaths.Root });

    /// <summary>Whether the session still is. What pages ask for by themselves does not count as use of it: a page that is left open signs nobody in for ever.</summary>
    public static async Task<Caller?> VerifyAsync(HttpContext http, IAccounts accounts) => http.Request.Cookies[Cookie] is { Length: > 0 } token
        ? await accounts.VerifyTokenAsync(token, extend: !http.Request.Path.StartsWithSegments(WebPaths.Live), http.RequestAborted).ConfigureAwait(false)
        : null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (await VerifyAsync(Context, accounts).ConfigureAwait(false) is not { } caller)
            return AuthenticateResult.NoResult();
        Context.Features.Set(caller);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.UserId.ToString(System.Globalization.CultureInfo.InvariantCulture)), new Claim(ClaimTypes.Name, caller.Login)], Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var back = HttpMethods.IsGet(Request.Method) ? Request.Path + Request.QueryString : WebPaths.Root;
        Response.Redirect(WebPaths.SignIn + QueryString.Create("to", back));
        return Task.CompletedTask;
    }
}
