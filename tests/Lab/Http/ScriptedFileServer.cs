using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace VpsAdmin.Lab.Http;

/// <summary>
/// One file behind HTTP on 127.0.0.1, growing in place like a vpsAdmin export, with faults on demand: each request takes the next action of
/// the script; when there is none, the file is served properly.
/// </summary>
public sealed class ScriptedFileServer : IAsyncDisposable
{
    private const int Piece = 64 * 1024;

    private readonly ConcurrentQueue<FileAction> _script = new();
    private readonly ConcurrentDictionary<long, FileAction> _scriptOfRanges = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly SemaphoreSlim _stalled = new(0);
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private byte[]? _content;

    private ScriptedFileServer(WebApplication app) => _app = app;

    /// <summary>The file.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>What has been asked, in order.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public long BytesSent { get; private set; }

    /// <summary>Sent with the file, quotes included; null: none.</summary>
    public string? ETag { get; set; }

    /// <summary>Sent with the file; null: not.</summary>
    public DateTimeOffset? LastModified { get; set; }

    /// <summary>Null: there is no file. May be set at any time, also to shorter or other content.</summary>
    public byte[]? Content
    {
        get
        {
            lock (_gate)
                return _content;
        }
        set
        {
            lock (_gate)
                _content = value;
        }
    }

    public static async Task<ScriptedFileServer> StartAsync(CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0, static l => l.Protocols = HttpProtocols.Http1));
        // Writes return when the socket has taken the bytes, so that a broken connection does not swallow bytes that the script promises.
        builder.WebHost.UseSockets(static s => s.MaxWriteBufferSize = 2);
        var app = builder.Build();
        var server = new ScriptedFileServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync(cancel).ConfigureAwait(false);
        server.Url = new Uri(new Uri(app.Urls.Single()), "/node1.example.org/1/0123456789abcdef/snapshot.dat.gz");
        return server;
    }

    public ScriptedFileServer Script(params IEnumerable<FileAction> actions)
    {
        foreach (var action in actions)
            _script.Enqueue(action);
        return this;
    }

    /// <summary>Says what happens to the next request for a range that begins there, whatever else is asked for beside it.</summary>
    public ScriptedFileServer ScriptRange(long from, FileAction action)
    {
        _scriptOfRanges[from] = action;
        return this;
    }

    /// <summary>Waits until a request has stalled as its script says.</summary>
    public Task WaitForStallAsync(CancellationToken cancel) => _stalled.WaitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        _stalled.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var range = context.Request.GetTypedHeaders().Range?.Ranges.SingleOrDefault();
        _requests.Enqueue(new RecordedRequest(
            context.Request.Path, range?.From, context.Request.Headers.ToDictionary(static h => h.Key.ToLowerInvariant(), static h => h.Value.ToString()), range?.To,
            context.Request.QueryString.ToString()));
        var action = range?.From is { } start && _scriptOfRanges.TryRemove(start, out var own) ? own : _script.TryDequeue(out var next) ? next : FileAction.Serve;
        action.Before?.Invoke();
        if (action is AnswerAction answer)
            Answer(context.Response, answer);
        else
            await ServeAsync(context, (ServeAction)action, range?.From, range?.To).ConfigureAwait(false);
    }

    private static void Answer(HttpResponse response, AnswerAction answer)
    {
        response.StatusCode = answer.Status;
        if (answer.RetryAfter is not null)
            response.Headers.RetryAfter = answer.RetryAfter;
        if (answer.Location is not null)
            response.Headers.Location = answer.Location;
        if (answer.Length is { } length)
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{length}");
    }

    private async Task ServeAsync(HttpContext context, ServeAction action, long? rangeFrom, long? rangeTo)
    {
        var response = context.Response;
        if (Content is not { } content)
        {
            response.StatusCode = 404;
            return;
        }
        var length = Math.Min(content.Length, action.SeenLength ?? content.Length);
        var from = action.IgnoresRange ? null : rangeFrom;
        if (from >= length)
        {
            Answer(response, new AnswerAction(416, Length: length));
            return;
        }
        if (ETag is { } etag)
            response.Headers.ETag = etag;
        if (LastModified is { } modified)
            response.GetTypedHeaders().LastModified = modified;
        var start = from ?? 0;
        var end = from is not null && rangeTo < length ? rangeTo.Value + 1 : length;
        if (action.PieceBytes is { } piece)
            end = Math.Min(end, start + piece);
        if (from is not null)
        {
            response.StatusCode = 206;
            var claimed = action.ClaimedFrom ?? start;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {claimed}-{claimed + end - start - 1}/{length}");
        }
        if (action.Cut != Cut.ShortBody)
            response.ContentLength = end - start;
        await SendAsync(context, action, content.AsMemory((int)start, (int)(end - start))).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext context, ServeAction action, ReadOnlyMemory<byte> body)
    {
        if (action.CorruptOffset is { } offset && offset < body.Length)
        {
            var damaged = body.ToArray();
            damaged[offset] ^= 0xff;
            body = damaged;
        }
        var isCut = action.MostBytes < body.Length;
        if (isCut)
            body = body[..(int)action.MostBytes!.Value];
        for (var sent = 0; sent < body.Length; sent += Piece)
        {
            var piece = body[sent..Math.Min(body.Length, sent + Piece)];
            await context.Response.Body.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
            BytesSent += piece.Length;
        }
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        if (action.Stalls)
            await StallAsync(context.RequestAborted).ConfigureAwait(false);
        else if (isCut && action.Cut != Cut.ShortBody)
            await EndAsync(context, action.Cut).ConfigureAwait(false);
    }

    private static async Task EndAsync(HttpContext context, Cut cut)
    {
        var socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        if (cut == Cut.Reset)
        {
            socket.Close(timeout: 0);
            context.Abort();
            return;
        }
        // Kestrel's own abort sends a reset, which throws away what is still on its way. The end behind the last byte does not.
        socket.Shutdown(SocketShutdown.Send);
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task StallAsync(CancellationToken aborted)
    {
        _stalled.Release();
        await Task.Delay(Timeout.Infinite, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
