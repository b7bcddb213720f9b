using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.Backup.Tests.Telling;

/// <summary>An HTTP server on the loopback that notes what it is told.</summary>
internal sealed class Watcher : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Line, string Body)> _requests = new();

    private Watcher(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public IReadOnlyList<(string Line, string Body)> Requests => [.. _requests];

    public static async Task<Watcher> StartAsync(HttpStatusCode status = HttpStatusCode.OK)
    {
        var watcher = new Watcher(LoopbackApp.Create());
        watcher._app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            watcher._requests.Enqueue(($"{context.Request.Method} {context.Request.Path}", await reader.ReadToEndAsync(context.RequestAborted)));
            context.Response.StatusCode = (int)status;
        });
        await watcher._app.StartAsync();
        return watcher;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
