using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace VpsAdmin.Lab.Http;

/// <summary>
/// One file behind HTTP, growing in place like a vpsAdmin export, with faults on demand: each request takes the next action of the script;
/// when there is none, the file is served properly.
/// </summary>
public sealed class ScriptedFile : IDisposable
{
    private readonly ConcurrentQueue<FileAction> _script = new();
    private readonly ConcurrentDictionary<long, FileAction> _scriptOfRanges = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly SemaphoreSlim _stalled = new(0);
    private readonly Lock _gate = new();
    private byte[]? _content;
    private long _bytesSent;
    private int _stalling;

    /// <summary>What has been asked, in order.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Requests that have stalled as their script says, and whose clients are still there.</summary>
    public int Stalling => Volatile.Read(ref _stalling);

    /// <summary>Sent with the file, quotes included; null: none.</summary>
    public string? ETag { get; set; }

    /// <summary>Sent with the file; null: not.</summary>
    public DateTimeOffset? LastModified { get; set; }

    /// <summary>What is done when there is no script, or it is used up; asked at each request.</summary>
    public Func<FileAction> Next { get; set; } = static () => FileAction.Serve;

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

    public ScriptedFile Script(params IEnumerable<FileAction> actions)
    {
        foreach (var action in actions)
            _script.Enqueue(action);
        return this;
    }

    /// <summary>Says what happens to the next request for a range that begins there, whatever else is asked for beside it.</summary>
    public ScriptedFile ScriptRange(long from, FileAction action)
    {
        _scriptOfRanges[from] = action;
        return this;
    }

    /// <summary>Waits until a request has stalled as its script says.</summary>
    public Task WaitForStallAsync(CancellationToken cancel) => _stalled.WaitAsync(cancel);

    public void Dispose() => _stalled.Dispose();

    public Task HandleAsync(HttpContext context) => HandleAsync(context, Next);

    /// <param name="next">Instead of <see cref="Next"/>.</param>
    public async Task HandleAsync(HttpContext context, Func<FileAction> next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        // Several ranges at once are answered with the whole, as web servers do that allow one (nginx with max_ranges 1).
        var range = context.Request.GetTypedHeaders().Range is { Unit.Value: "bytes", Ranges: { Count: 1 } ranges } ? ranges.Single() : null;
        _requests.Enqueue(new RecordedRequest(
            context.Request.Path, range?.From, context.Request.Headers.ToDictionary(static h => h.Key.ToLowerInvariant(), static h => h.Value.ToString()), range?.To,
            context.Request.QueryString.ToString()));
        var action = range?.From is { } start && _scriptOfRanges.TryRemove(start, out var own) ? own : _script.TryDequeue(out var scripted) ? scripted : next();
        action.Before?.Invoke();
        await Task.Delay(action.Delay, context.RequestAborted).ConfigureAwait(false);
        switch (action)
        {
            case AnswerAction answer:
                Answer(context.Response, answer);
                break;
            case ServeAction serve:
                await ServeAsync(context, serve, range?.From, range?.To).ConfigureAwait(false);
                break;
            default:
                await FileBody.EndAsync(context, Cut.Reset).ConfigureAwait(false);
                break;
        }
    }

    private void OnStall(int change)
    {
        Interlocked.Add(ref _stalling, change);
        if (change > 0)
            _stalled.Release();
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
        if (rangeFrom is null && rangeTo is { } last)
            // The last so many bytes.
            (rangeFrom, rangeTo) = (last == 0 ? length : Math.Max(0, length - last), null);
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
            response.ContentLength = action.ClaimedLength ?? end - start;
        var body = new FileBody(context, action, sent => Interlocked.Add(ref _bytesSent, sent), OnStall);
        await body.SendAsync(content.AsMemory((int)start, (int)(end - start))).ConfigureAwait(false);
    }
}
