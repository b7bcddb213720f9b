using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
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
        }
        catch (ActionRefusedException refusal) when (!http.Response.HasStarted)
        {
            await ShowAsync(http, refusal).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The browser has gone elsewhere.
        }
        catch (Exception e) when (e is not BadHttpRequestException && !http.Response.HasStarted)
        {
            http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(WebErrors))
                .LogError(e, "{Method} {Path} failed (request {RequestId})", http.Request.Method, http.Request.Path.ToUriComponent(), http.TraceIdentifier);
            await ShowAsync(http, new ActionRefusedException(StatusCodes.Status500InternalServerError, $"Something went wrong. The log has it under {http.TraceIdentifier}.")).ConfigureAwait(false);
        }
    }

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
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(RefusedPage.Refusal)] = refusal });
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<RefusedPage>(parameters)).ToHtmlString()).ConfigureAwait(false);
        await Results.Content(html, "text/html; charset=utf-8", statusCode: StatusOf(refusal)).ExecuteAsync(http).ConfigureAwait(false);
    }
}
