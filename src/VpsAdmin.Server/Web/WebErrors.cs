using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Localization;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Web.Pages;

namespace VpsAdmin.Server.Web;

/// <summary>A page that cannot be made is a page, too: what was refused, or that something went wrong, without anything of how.</summary>
internal static class WebErrors
{
    public static async Task CatchAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http).ConfigureAwait(false);
            if (!http.Response.HasStarted && IsStale(http))
                await ShowAsync(http, StaleForm(http)).ConfigureAwait(false);
        }
        catch (ActionRefusedException refusal) when (!http.Response.HasStarted)
        {
            await ShowAsync(http, refusal).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The browser has gone elsewhere.
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidOperationException && !http.Response.HasStarted && IsStale(http))
        {
            await ShowAsync(http, StaleForm(http)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await ShowAsync(http, new ActionRefusedException(e.StatusCode, e.Message)).ConfigureAwait(false);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(WebErrors))
                .LogError(e, "{Method} {Path} failed (request {RequestId})", http.Request.Method, http.Request.Path.ToUriComponent(), http.TraceIdentifier);
            await ShowAsync(http, new ActionRefusedException(StatusCodes.Status500InternalServerError, Words(http)["The log has it under {0}.", http.TraceIdentifier])).ConfigureAwait(false);
        }
    }

    /// <summary>Its token against forgery is of somebody else: they have signed in or out in another tab since, or the server has new keys.</summary>
    private static bool IsStale(HttpContext http) => http.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false };

    private static ActionRefusedException StaleForm(HttpContext http) =>
        new(StatusCodes.Status400BadRequest, Words(http)["You have signed in or out since it was loaded. Load the page anew, then send the form once more."]);

    /// <summary>Where the form was. Signing out has no page of its own.</summary>
    private static string PageOf(HttpRequest request) => request.Path == WebPaths.SignOut ? WebPaths.Root : request.Path + request.QueryString;

    private static IStringLocalizer<Texts> Words(HttpContext http) => http.RequestServices.GetRequiredService<IStringLocalizer<Texts>>();

    public static int StatusOf(ActionRefusedException refusal) => refusal.HttpStatus is StatusCodes.Status200OK ? StatusCodes.Status409Conflict : refusal.HttpStatus;

    /// <summary>In a scope of its own: what makes the pages of a request does not work any more once one of them has failed.</summary>
    public static async Task ShowAsync(HttpContext http, ActionRefusedException refusal)
    {
        if (refusal.RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var scope = http.RequestServices.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var renderer = new HtmlRenderer(scope.ServiceProvider, scope.ServiceProvider.GetRequiredService<ILoggerFactory>());
        await using var __ = renderer.ConfigureAwait(false);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(RefusedPage.Refusal)] = refusal, [nameof(RefusedPage.Again)] = IsStale(http) ? PageOf(http.Request) : null });
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<RefusedPage>(parameters)).ToHtmlString()).ConfigureAwait(false);
        await Results.Content(html, "text/html; charset=utf-8", statusCode: StatusOf(refusal)).ExecuteAsync(http).ConfigureAwait(false);
    }
}
