using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Server.Api;

/// <summary>Turns what a handler returns or throws into an HTTP response; nothing else writes to one.</summary>
internal sealed partial class ReplyWriter(HaveApiOptions options, TimeProvider time, ILogger<ReplyWriter> log)
{
    public const string RequestId = "X-Request-Id";

    /// <param name="isAction">The reply is that of an action, not of the hosting around it.</param>
    public async Task AnswerAsync(HttpContext http, Func<HttpContext, Task<Reply>> handle, bool isAction = false)
    {
        var start = time.GetTimestamp();
        if (!Accepts(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            http.Response.ContentType = "text/html;charset=utf-8";
            await http.Response.WriteAsync("Not Acceptable", http.RequestAborted).ConfigureAwait(false);
            return;
        }

        var reply = await HandleAsync(http, handle).ConfigureAwait(false);
        if (isAction && options.Protocol == HaveApiProtocol.First) reply = reply with { HttpStatus = FirstProtocol.StatusOf(reply.HttpStatus) };
        LogRequest(
            http.Request.Method, Path(http.Request), reply.HttpStatus, (long)time.GetElapsedTime(start).TotalMilliseconds,
            http.Features.Get<Caller>()?.Login ?? "nobody", http.Connection.RemoteIpAddress);
        if (!http.RequestAborted.IsCancellationRequested) await WriteAsync(http, reply).ConfigureAwait(false);
    }

    /// <summary>
    /// Escaped, so that nobody writes lines of their own into the log; without the query, which may hold a token, and without what may be the secret of a
    /// download whose address was mistyped.
    /// </summary>
    private static string Path(HttpRequest request) => Secret().Replace(request.Path.ToUriComponent(), "…");

    [GeneratedRegex("[0-9A-Fa-f]{32,}")]
    private static partial Regex Secret();

    [LoggerMessage(LogLevel.Information, "{Method} {Path}: {Status} in {Milliseconds} ms, for {Login} from {Address}")]
    private partial void LogRequest(string method, string path, int status, long milliseconds, string login, System.Net.IPAddress? address);

    private async Task<Reply> HandleAsync(HttpContext http, Func<HttpContext, Task<Reply>> handle)
    {
        try
        {
            return await handle(http).ConfigureAwait(false);
        }
        catch (ActionRefusedException refusal)
        {
            if (refusal.RetryAfter is { } wait) http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Reply.Refused(refusal);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: nobody is left to answer.
            return Reply.Failed();
        }
        catch (Exception e)
        {
            log.LogError(e, "{Method} {Path} failed (request {RequestId})", http.Request.Method, Path(http.Request), http.TraceIdentifier);
            http.Response.Headers[RequestId] = http.TraceIdentifier;
            return Reply.Failed();
        }
    }

    private async Task WriteAsync(HttpContext http, Reply reply)
    {
        var envelope = Translation.For(http.Request, options.Languages)?.Translate(reply.Envelope) ?? reply.Envelope;
        var body = JsonSerializer.SerializeToUtf8Bytes(envelope, HaveApiJson.Default.Envelope);
        var response = http.Response;
        response.StatusCode = reply.HttpStatus;
        response.ContentType = "application/json;charset=utf-8";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "Accept-Language";
        if (reply.HttpStatus == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = $"Basic realm=\"{options.Realm}\"";
        await response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
    }

    private static bool Accepts(HttpRequest request) =>
        request.Headers.Accept.Count == 0
        || (MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
            && accepted.Any(a => a.Quality is null or > 0
                                 && (a.MatchesAllTypes || a.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                                     || a.MediaType.Equals("application/*", StringComparison.OrdinalIgnoreCase))));
}
