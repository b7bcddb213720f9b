using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace VpsAdmin.Scripted;

/// <summary>A request as it came over the wire.</summary>
/// <param name="Target">Path and query, not decoded.</param>
internal sealed record Received(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public override string ToString() => Body.Length == 0 ? $"{Method} {Target}" : $"{Method} {Target} {Body}";
}

/// <summary>A real HTTP server on the loopback whose every answer is said by the test. What nobody said is 404 as HaveAPI says it.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<RequestDelegate>> _script = new();
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public IReadOnlyList<Received> Received => [.. _received];

    public static async Task<ScriptedServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http1));
        var server = new ScriptedServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Answers of one method and path, one for each request in turn; the last one goes on.</summary>
    public ScriptedServer On(string methodAndPath, params RequestDelegate[] answers)
    {
        _script[methodAndPath] = new ConcurrentQueue<RequestDelegate>(answers);
        return this;
    }

    /// <summary>Serves a description under one version; <paramref name="prefix"/> is the path of the base address.</summary>
    public ScriptedServer Describe(JsonNode description, string apiVersion, string protocol, string prefix = "") =>
        On($"OPTIONS {prefix}/", Answer.Options(new JsonObject { ["versions"] = new JsonArray(apiVersion), ["default"] = apiVersion }, protocol))
            .On($"OPTIONS {prefix}/v{apiVersion}/", Answer.Options(description, protocol));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        _received.Enqueue(new Received(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await body.ReadToEndAsync(context.RequestAborted)));
        await Next($"{context.Request.Method} {context.Request.Path}")(context);
    }

    private RequestDelegate Next(string route)
    {
        if (!_script.TryGetValue(route, out var answers))
            return Answer.Refuse(404, "Action not found");
        return answers.Count > 1 && answers.TryDequeue(out var next) ? next : answers.First();
    }
}
