using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Resources;
using VpsAdmin.Server.Web.Calls;
using VpsAdmin.Server.Web.Live;
using VpsAdmin.Server.Web.Queries;
using VpsAdmin.Server.Web.SignIn;

namespace VpsAdmin.Server.Web;

/// <summary>The pages for people, under <c>/web</c>.</summary>
internal static class WebHosting
{
    public static IServiceCollection AddWeb(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddLocalization();
        services.AddHttpContextAccessor();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, SessionCookie>(SessionCookie.Name, null);
        services.AddAuthorizationBuilder().AddPolicy(SessionCookie.Name, static policy => policy.AddAuthenticationSchemes(SessionCookie.Name).RequireAuthenticatedUser());
        services.AddScoped<BrowserLogin>();
        services.AddScoped<TokenIssue>();
        services.AddSingleton(static s => new RouteTable($"/v{s.GetRequiredService<HaveApiOptions>().ApiVersion}", AllResources.List));
        services.AddSingleton<ApiCalls>();
        services.AddSingleton<FreshnessBoard>();
        services.AddSingleton<RollbackPreview>();
        services.AddSingleton<ExportQueues>();
        services.AddSingleton<ChainSteps>();
        services.AddSingleton<DownloadNumbers>();
        services.AddSingleton<SnapshotSizes>();
        services.AddSingleton<NodeWork>();
        services.AddSingleton<ChartValues>();
        services.AddSingleton<LiveStream>();
        services.AddScoped<LiveState>();
        return services;
    }

    /// <summary>Behind routing, in front of all endpoints: pages say more of themselves than other replies do.</summary>
    public static void MapWeb(this WebApplication app)
    {
        // Who comes to the bare address with a browser wants the pages; programs ask for other things there.
        app.Use(static (http, next) =>
        {
            if (http.Request.Path != "/" || !HttpMethods.IsGet(http.Request.Method) || !http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
                return next(http);
            http.Response.Redirect(WebPaths.Root);
            return Task.CompletedTask;
        });
        app.UseWhen(static http => http.Request.Path.StartsWithSegments(WebPaths.Root), static web => web.Use(WebHeaders.AddAsync).Use(WebErrors.CatchAsync));
        app.UseAuthorization();
        app.UseAntiforgery();

        var pages = app.MapGroup("").WithMetadata(new DisableCorsAttribute());
        pages.MapRazorComponents<App>().RequireAuthorization(SessionCookie.Name);
        pages.MapGet($"{WebPaths.Root}/assets/{{name}}", WebAssets.Serve);
        pages.MapPost(WebPaths.SignOut, SignOutAsync).RequireAuthorization(SessionCookie.Name);
        pages.MapGet($"{WebPaths.Live}/{{view}}", static (HttpContext http, string view, LiveStream stream) => stream.Open(http, view)).RequireAuthorization(SessionCookie.Name);
        pages.Map($"{WebPaths.Root}/{{**path}}", static Task (HttpContext http) => WebErrors.ShowAsync(http, ActionRefusedException.NotFound()));
    }

    /// <summary>The form's token is checked because a form is read.</summary>
    private static async Task<RedirectHttpResult> SignOutAsync(HttpContext http, [FromForm] string? signOut, IAccounts accounts)
    {
        if (await SessionCookie.VerifyAsync(http, accounts).ConfigureAwait(false) is { TokenId: { } token })
            await accounts.RevokeTokenAsync(token, http.RequestAborted).ConfigureAwait(false);
        SessionCookie.Delete(http);
        return TypedResults.Redirect(WebPaths.SignIn);
    }
}
