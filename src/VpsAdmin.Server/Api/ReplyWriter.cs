using System.Text.Json;
using Microsoft.Net.Http.Headers;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Server.Api;

/// <summary>Turns what a handler returns or throws into an HTTP response; nothing else writes to one.</summary>
internal sealed class ReplyWriter(HaveApiOptions options, ILogger<ReplyWriter> log)
{
    private const string RequestId = "X-Request-Id";

    public async Task AnswerAsync(HttpContext http, Func<HttpContext, Task<Reply>> handle)
    {
        if (!Accepts(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            http.Response.ContentType = "text/html;charset=utf-8";
            await http.Response.WriteAsync("Not Acceptable", http.RequestAborted).ConfigureAwait(false);
            return;
        }

        var reply = await HandleAsync(http, handle).ConfigureAwait(false);
        if (!http.RequestAborted.IsCancellationRequested) await WriteAsync(http, reply).ConfigureAwait(false);
    }

    private async Task<Reply> HandleAsync(HttpContext http, Func<HttpContext, Task<Reply>> handle)
    {
        try
        {
            return await handle(http).ConfigureAwait(false);
        }
        catch (ActionRefusedException refusal)
        {
            return Reply.Refused(refusal);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: nobody is left to answer.
            return Reply.Failed();
        }
        catch (Exception e)
        {
            // The path only: a query may hold a token.
            log.LogError(e, "{Method} {Path} failed (request {RequestId})", http.Request.Method, http.Request.Path.Value, http.TraceIdentifier);
            http.Response.Headers[RequestId] = http.TraceIdentifier;
            return Reply.Failed();
        }
    }

    private async Task WriteAsync(HttpContext http, Reply reply)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(reply.Envelope, HaveApiJson.Default.Envelope);
        var response = http.Response;
        response.StatusCode = reply.HttpStatus;
        response.ContentType = "application/json;charset=utf-8";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
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
