using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;

namespace VpsAdmin.Server.Web.Live;

/// <summary>
/// Server-sent events: a part of a page, made anew whenever a chain has changed, with what the same part is made of when the page is loaded.
/// The stream ends with the session, with the server, and when the part has nothing more to tell.
/// </summary>
internal sealed class LiveStream(IServiceScopeFactory scopes, ChainSignals signals, ILoggerFactory logs, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Event that says: do not come back.</summary>
    public const string End = "end";

    /// <summary>Ages of things are told, too.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(20);

    /// <summary>Between two events, however much goes on.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(300);

    public IResult Open(HttpContext http, string name)
    {
        if (LiveViews.Find(name) is not { } view)
            return Results.NotFound();
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        http.Response.RegisterForDispose(stopping);
        return TypedResults.ServerSentEvents(EventsAsync(http, view, view.Read(http.Request.Query), stopping.Token));
    }

    private async IAsyncEnumerable<SseItem<string>> EventsAsync(
        HttpContext http, LiveView view, Dictionary<string, object?> parameters, [EnumeratorCancellation] CancellationToken cancel)
    {
        string? last = null;
        while (!cancel.IsCancellationRequested)
        {
            var change = signals.NextChange;
            if (await RenderAsync(http, view, parameters).ConfigureAwait(false) is not { } made)
                break;
            if (made.Html != last)
                yield return new SseItem<string>(last = made.Html);
            if (made.IsFinished)
                break;
            await WaitAsync(change, made.LookAgainIn ?? LongestSilence, cancel).ConfigureAwait(false);
        }
        if (!cancel.IsCancellationRequested)
            yield return new SseItem<string>("", End);
    }

    private async Task WaitAsync(Task change, TimeSpan most, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Pace, time, cancel).ConfigureAwait(false);
            await change.WaitAsync(most, time, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The loop looks which.
        }
    }

    /// <returns>Null when the session is closed, or what was looked at is gone.</returns>
    private async Task<Made?> RenderAsync(HttpContext http, LiveView view, Dictionary<string, object?> parameters)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        if (await SignIn.SessionCookie.VerifyAsync(http, scope.ServiceProvider.GetRequiredService<IAccounts>()).ConfigureAwait(false) is not { } caller)
            return null;
        http.Features.Set(caller);
        var renderer = new HtmlRenderer(scope.ServiceProvider, logs);
        await using var __ = renderer.ConfigureAwait(false);
        try
        {
            var html = await renderer.Dispatcher.InvokeAsync(
                async () => (await renderer.RenderComponentAsync(view.Component, ParameterView.FromDictionary(parameters))).ToHtmlString()).ConfigureAwait(false);
            var state = scope.ServiceProvider.GetRequiredService<LiveState>();
            return new(html, state.IsFinished, state.LookAgainIn);
        }
        catch (ActionRefusedException)
        {
            return null;
        }
    }

    private sealed record Made(string Html, bool IsFinished, TimeSpan? LookAgainIn);
}
