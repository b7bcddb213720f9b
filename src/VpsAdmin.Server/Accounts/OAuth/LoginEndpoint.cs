using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>
/// The authorization endpoint: a login page, then a code. The library has checked client, address and PKCE before; nothing of a login is
/// kept in the browser, so each client's request is answered by a person.
/// </summary>
internal static class LoginEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext http)
    {
        var request = http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("The authorization request did not go through the provider.");
        if (ScopeOf(request) is not { } scope)
            return Refuse(OpenIddictConstants.Errors.InvalidScope, "The scope is none of this API.");
        if (request.HasPromptValue(OpenIddictConstants.PromptValues.None))
            return Refuse(OpenIddictConstants.Errors.LoginRequired, "Nobody is logged in without a page.");

        var page = await PageAsync(http, request, scope).ConfigureAwait(false);

        // What another site has sent here is asked for anew, on a page of ours.
        if (!HttpMethods.IsPost(http.Request.Method) || !await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http).ConfigureAwait(false))
            return Show(http, page);
        var form = LoginForm.Read(await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false));
        if (form.Declined)
            return Refuse(OpenIddictConstants.Errors.AccessDenied, "The user has declined.");
        try
        {
            return await LogInAsync(http, page, form, scope).ConfigureAwait(false);
        }
        catch (ActionRefusedException refusal)
        {
            // Too many failures, too many at once, or the second step came too late.
            if (refusal.RetryAfter is { } wait)
                http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Show(http, page with { Error = refusal.Message }, refusal.RetryAfter is null ? StatusCodes.Status200OK : refusal.HttpStatus);
        }
    }

    private static async Task<IResult> LogInAsync(HttpContext http, LoginPage page, LoginForm form, TokenScope scope)
    {
        var (accounts, throttle) = (http.RequestServices.GetRequiredService<DatabaseAccounts>(), http.RequestServices.GetRequiredService<LoginThrottle>());
        var (client, cancel) = (Client.Of(http), http.RequestAborted);
        var login = form.Interim is null ? form.User : await accounts.PendingLoginAsync(form.Interim, cancel).ConfigureAwait(false) ?? throw ActionRefusedException.Refused("That took too long. Log in anew.");
        using var attempt = await throttle.BeginAsync(login, client.Address, cancel).ConfigureAwait(false);

        long? user;
        if (form.Interim is null)
        {
            var terms = new TokenTerms("renewable_manual", OAuthHosting.AccessTokenLifetime) { Scope = scope, Client = client };
            var known = await accounts.IdentifyAsync(login, form.PasswordText, terms, cancel).ConfigureAwait(false);
            if (known?.Held is { } held)
                return Show(http, page with { Interim = held.Token });
            user = known?.UserId;
        }
        else
        {
            user = (await accounts.RedeemAsync(form.Interim, form.CodeText, cancel).ConfigureAwait(false))?.UserId;
        }

        if (user is null)
        {
            throttle.Failed(login, client.Address);
            return Show(http, page with { Interim = form.Interim, Error = form.Interim is null ? "User or password is wrong." : "The code is wrong." });
        }
        throttle.Succeeded(login, client.Address);
        var principal = await http.RequestServices.GetRequiredService<OAuthSessions>().OpenAsync(user.Value, scope, page.Client, client, cancel).ConfigureAwait(false);
        return Results.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static async Task<LoginPage> PageAsync(HttpContext http, OpenIddictRequest request, TokenScope scope)
    {
        var clients = http.RequestServices.GetRequiredService<IOpenIddictApplicationManager>();
        var client = await clients.FindByClientIdAsync(request.ClientId!, http.RequestAborted).ConfigureAwait(false) ?? throw new InvalidOperationException("The client has gone.");
        var name = await clients.GetDisplayNameAsync(client, http.RequestAborted).ConfigureAwait(false) ?? request.ClientId!;
        var token = http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http).RequestToken!;
        return new(name, scope.Text, new Uri(request.RedirectUri!),
        [
            .. request.GetParameters().Where(static p => !LoginForm.Fields.Contains(p.Key))
                .Select(static p => new KeyValuePair<string, string>(p.Key, (string?)p.Value ?? "")),
            new(LoginForm.Token, token),
        ]);
    }

    /// <returns>Null when it is not a scope. None asked for: all.</returns>
    private static TokenScope? ScopeOf(OpenIddictRequest request)
    {
        // Every client is given a refresh token, whether it asks for one in these words or not.
        var asked = request.GetScopes().Remove(OpenIddictConstants.Scopes.OfflineAccess);
        return asked.IsEmpty ? TokenScope.All : TokenScope.Parse(string.Join(' ', asked));
    }

    private static IResult Show(HttpContext http, LoginPage page, int status = StatusCodes.Status200OK)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = page.Policy;
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        return Results.Content(page.Html(), "text/html; charset=utf-8", statusCode: status);
    }

    private static IResult Refuse(string error, string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
