using System.Net;
using System.Net.Http.Headers;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Http;

/// <summary>An envelope, and what HTTP said beside it.</summary>
internal sealed record ApiReply(HttpStatusCode Status, Envelope Envelope, TimeSpan? RetryAfter);

/// <summary>One request over HTTP, one envelope back; everything else is an exception that says what came instead.</summary>
internal sealed class ApiTransport : IDisposable
{
    private const int FirstWords = 4096;

    private readonly HttpClient _http;
    private readonly string _base;
    private readonly HaveApiClientOptions _options;
    private readonly TimeProvider _time;
    private bool _disposed;

    public ApiTransport(Uri baseUri, HaveApiClientOptions options, HttpMessageHandler? handler)
    {
        _base = baseUri.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _options = options;
        _time = options.Time ?? TimeProvider.System;
        BaseUri = baseUri;
        _http = new HttpClient(handler ?? OwnHandler(), disposeHandler: handler is null)
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            // Envelopes are bounded where they are read; this is for authorization servers.
            MaxResponseContentBufferSize = 1 << 20,
        };
    }

    public Uri BaseUri { get; }

    public HttpClient Http => _http;

    /// <param name="authenticate">Adds credentials; null: anonymous.</param>
    /// <param name="extraTime">On top of the usual timeout, for calls that the server answers late on purpose.</param>
    public async Task<ApiReply> SendAsync(
        ApiRequest request, Action<HttpRequestMessage>? authenticate, TimeSpan extraTime, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(HaveApiClient));
        cancel.ThrowIfCancellationRequested();
        var timeout = (_options.Timeout ?? HaveApiClientOptions.DefaultTimeout) + extraTime;
        using var timer = new CancellationTokenSource(timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        using var message = Message(request);
        authenticate?.Invoke(message);
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            return await ReadAsync(request, response, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            cancel.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_disposed, typeof(HaveApiClient));
            throw new ApiUnreachableException($"{Server} did not answer {request.Name} within {timeout.TotalSeconds:0.#} s.", null, null, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ApiUnreachableException($"{request.Name} got no answer from {Server}: {e.Message}", null, null, e);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _http.Dispose();
    }

    private string Server => new Uri(_base).Authority;

    private static SocketsHttpHandler OwnHandler() => new()
    {
        // A redirect would carry the token to wherever it points.
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(30),
        // DNS is looked at again now and then: backups run for days.
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    };

    private HttpRequestMessage Message(ApiRequest request)
    {
        // Text is put together, not resolved: new Uri(base, path) drops the path of the base.
        var message = new HttpRequestMessage(request.Method, new Uri(_base + request.PathAndQuery));
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        message.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        if (_options.Language is { } language)
            message.Headers.TryAddWithoutValidation("Accept-Language", language);
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        return message;
    }

    private async Task<ApiReply> ReadAsync(ApiRequest request, HttpResponseMessage response, CancellationToken cancel)
    {
        var status = response.StatusCode;
        var retryAfter = RetryAfter(response);
        if ((int)status is >= 300 and < 400)
            throw new ProtocolException($"{Server} answers {request.Name} with a redirect to {Target(response)}. Connect to that address instead, if you trust it.");

        if (!IsJson(response.Content.Headers.ContentType))
        {
            var text = await BoundedContent.ReadStartAsync(response.Content, FirstWords, cancel).ConfigureAwait(false);
            var what = $"{request.Name}: HTTP {(int)status} without a HaveAPI reply from {Server}{Quote(text)}";
            throw IsTransient(status)
                ? new ApiUnreachableException(what, status, retryAfter)
                : new ProtocolException(what + " Is this the address of an API?");
        }

        var json = await BoundedContent.ReadAsync(request.Name, response.Content, _options.MaxReplyBytes, cancel).ConfigureAwait(false);
        try
        {
            return new ApiReply(status, EnvelopeReader.Read(json), retryAfter);
        }
        catch (System.Text.Json.JsonException e)
        {
            var what = $"{request.Name}: HTTP {(int)status} with JSON from {Server} that is not a HaveAPI reply: {ServerText.Printable(e.Message, 300)}";
            throw IsTransient(status) ? new ApiUnreachableException(what, status, retryAfter, e) : new ProtocolException(what, e);
        }
    }

    /// <summary>Where a redirect points, without the query: it may hold a token.</summary>
    private static string Target(HttpResponseMessage response) => response.Headers.Location switch
    {
        { IsAbsoluteUri: true } uri => ServerText.Printable(uri.GetLeftPart(UriPartial.Path), 200),
        { } uri => ServerText.Printable(uri.OriginalString.Split('?', '#')[0], 200),
        null => "nowhere",
    };

    private static string Quote(string text)
    {
        var words = ServerText.Printable(text, 120);
        return words.Length == 0 ? "." : $": \"{words}\".";
    }

    private static bool IsJson(MediaTypeHeaderValue? type) =>
        type?.MediaType is { } media
        && (media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static bool IsTransient(HttpStatusCode status) =>
        (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - _time.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
