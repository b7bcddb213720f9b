using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace VpsAdmin.Lab.Vps2016;

/// <summary>
/// A vpsAdmin of 2016 on 127.0.0.1: HaveAPI protocol 1.0, API version 2.0; datasets, snapshots and snapshot downloads with the web server of
/// their files, one member with a VPS. HTTP 200 for failures, no action states: whether a file is complete is learned by looking. Exports make
/// progress when the test says so, or at once.
/// </summary>
public sealed class OldVpsAdmin : IAsyncDisposable
{
    public const string Login = "joe";
    public const string Password = "joes password";
    public const string TokenHeader = "X-HaveAPI-Auth-Token";
    private const string Prefix = "/v2.0";
    private const string FilesPath = "/download/node1.prg.example.org/vps";

    private readonly ConcurrentQueue<string> _requests = new();
    private readonly OldResources _resources;
    private readonly OldTokens _tokens;
    private readonly WebApplication _app;

    private OldVpsAdmin(WebApplication app, TimeProvider time)
    {
        _app = app;
        _resources = new OldResources(time, FileUrl);
        _tokens = new OldTokens(time);
    }

    /// <summary>Address of the API.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Method, path and query, and the body where there was one, in order; files excepted.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Exports are complete as soon as they are asked for. False: <see cref="Write"/> and <see cref="Complete"/> make progress.</summary>
    public bool ExportsAtOnce { get => _resources.ExportsAtOnce; set => _resources.ExportsAtOnce = value; }

    /// <summary>The file of an export, by snapshot, base and format; by default a few bytes that name them.</summary>
    public Func<OldSnapshot, OldSnapshot?, string, byte[]> Content { get => _resources.Content; set => _resources.Content = value; }

    public IReadOnlyList<OldDownload> Downloads => _resources.Downloads;

    public static async Task<OldVpsAdmin> StartAsync(CancellationToken cancel, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0, static l => l.Protocols = HttpProtocols.Http1));
        var server = new OldVpsAdmin(builder.Build(), time ?? TimeProvider.System);
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(cancel).ConfigureAwait(false);
        return server;
    }

    /// <param name="name">Full name.</param>
    public OldDataset AddDataset(string name, OldDataset? parent = null, int historyId = 0) => _resources.AddDataset(name, parent, historyId);

    public OldSnapshot AddSnapshot(OldDataset dataset, string name, DateTimeOffset createdAt, int historyId = 0) =>
        _resources.AddSnapshot(dataset, name, createdAt, historyId);

    /// <summary>Makes so many bytes of an export's file be there.</summary>
    public void Write(OldDownload download, int bytes) => _resources.Write(download, bytes);

    /// <summary>The whole file, its size, its SHA-256 and ready, as when a chain ends.</summary>
    public void Complete(OldDownload download) => _resources.Complete(download);

    /// <summary>The export failed and was rolled back: row and file are gone.</summary>
    public void Fail(OldDownload download) => _resources.Forget(download);

    /// <summary>All tokens end.</summary>
    public void ForgetTokens() => _tokens.Forget();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync().ConfigureAwait(false);

    private Uri FileUrl(OldDownload download) => new(Address, $"{FilesPath}/{download.SecretKey}/{download.FileName}");

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path.StartsWithSegments(FilesPath, StringComparison.Ordinal))
        {
            await FileAsync(context).ConfigureAwait(false);
            return;
        }
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false);
        _requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}{(body.Length == 0 ? "" : " " + body)}");
        if (request.Headers.Accept.ToString() is { Length: > 0 } accept && !accept.Contains("application/json", StringComparison.Ordinal) && !accept.Contains("*/*", StringComparison.Ordinal))
            await TextAsync(context.Response, 406, "text/html", "Not Acceptable").ConfigureAwait(false);
        else if (request.Method == "POST" && body.Length == 0 && request.ContentLength is null)
            await TextAsync(context.Response, 411, "text/html", "<h1>Length Required</h1>").ConfigureAwait(false);
        else if (request.Method == "OPTIONS")
            await DescribeAsync(context).ConfigureAwait(false);
        else
            await CallAsync(context, body).ConfigureAwait(false);
    }

    private Task DescribeAsync(HttpContext context)
    {
        var request = context.Request;
        var version = OldDescription.Version(Prefix, _resources.Actions, _tokens.Actions);
        JsonNode? response = (request.Path.Value, request.Query["describe"].ToString()) switch
        {
            ("/", "versions") => new JsonObject { ["versions"] = new JsonArray("2.0"), ["default"] = "2.0" },
            ("/", "default") or (Prefix + "/", _) => version,
            ("/", _) => new JsonObject { ["default_version"] = "2.0", ["versions"] = new JsonObject { ["default"] = version, ["2.0"] = version.DeepClone() } },
            var (path, _) => Find(request.Query["method"].ToString(), path!) is var (action, _) ? OldDescription.Action(action, Prefix) : null,
        };
        return response is null ? RefuseAsync(context.Response, 404, "Action not found") : ReplyAsync(context.Response, 200, true, response, null, null, "1.0");
    }

    private async Task CallAsync(HttpContext context, string body)
    {
        var request = context.Request;
        if (Find(request.Method, request.Path.Value!) is not var (action, ids))
        {
            await RefuseAsync(context.Response, 404, "Action not found").ConfigureAwait(false);
            return;
        }
        if (OldInput.Read(request, body, action.Singular) is not { } input)
        {
            await RefuseAsync(context.Response, 400, "Bad JSON syntax").ConfigureAwait(false);
            return;
        }
        var token = OldInput.Token(request);
        if (action.Auth && !_tokens.Accepts(request, token))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Restricted Area\"";
            await RefuseAsync(context.Response, 401, "Action requires user to authenticate").ConfigureAwait(false);
            return;
        }
        try
        {
            OldInput.Check(action, input);
            var output = action.Handle(new OldCall(ids, input, token));
            var response = new JsonObject { [action.OutputNamespace] = output, ["_meta"] = Meta(action, ids, output) };
            await ReplyAsync(context.Response, 200, true, response, null, null).ConfigureAwait(false);
        }
        catch (OldFailure failure)
        {
            await ReplyAsync(context.Response, 200, false, null, failure.Message, failure.Errors).ConfigureAwait(false);
        }
    }

    /// <summary>An object's own metadata is beside it, not inside as in a list.</summary>
    private static JsonObject Meta(OldAction action, long[] ids, JsonNode output)
    {
        if (action.IsList)
            return [];
        (output as JsonObject)?.Remove("_meta");
        var parents = ids.Take(action.Resource.Count(c => c == '.')).Select(id => JsonValue.Create(id));
        return new JsonObject { ["url_params"] = new JsonArray([.. parents, output["id"]?.DeepClone()]), ["resolved"] = true };
    }

    /// <summary>The version may be left out; tokens have none.</summary>
    private (OldAction Action, long[] Ids)? Find(string method, string path)
    {
        var inVersion = path.StartsWith(Prefix + "/", StringComparison.Ordinal) ? path[Prefix.Length..] : path;
        foreach (var action in _resources.Actions.Concat(_tokens.Actions))
        {
            if (action.Match(method, inVersion) is { } ids)
                return (action, ids);
        }
        return null;
    }

    private async Task FileAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var download = Downloads.FirstOrDefault(d => path == $"{FilesPath}/{d.SecretKey}/{d.FileName}");
        if (download?.Written is not { } written)
        {
            await TextAsync(context.Response, 404, "text/html", "<h1>404 Not Found</h1>").ConfigureAwait(false);
            return;
        }
        await Results.Bytes(download.Content.AsMemory(0, written), "application/gzip", enableRangeProcessing: true).ExecuteAsync(context).ConfigureAwait(false);
    }

    private static Task RefuseAsync(HttpResponse response, int status, string message) => ReplyAsync(response, status, false, null, message, []);

    private static Task ReplyAsync(
        HttpResponse response, int status, bool success, JsonNode? result, string? message, JsonObject? errors, string? version = null)
    {
        var envelope = new JsonObject { ["status"] = success, ["response"] = result, ["message"] = message, ["errors"] = errors };
        if (version is not null)
            envelope.Insert(0, "version", version);
        return TextAsync(response, status, "application/json;charset=utf-8", envelope.ToJsonString());
    }

    private static async Task TextAsync(HttpResponse response, int status, string type, string text)
    {
        response.StatusCode = status;
        response.ContentType = type;
        await response.WriteAsync(text, response.HttpContext.RequestAborted).ConfigureAwait(false);
    }
}
