using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace VpsAdmin.Load.Clients;

/// <summary>Clients of the API, each with a connection of its own while it waits.</summary>
internal sealed class Api : IDisposable
{
    private const string TokenHeader = "X-HaveAPI-Auth-Token";

    private readonly IReadOnlyList<Uri> _urls;
    private uint _next;

    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2) }, disposeHandler: true)
    {
        // More than the longest poll and a server that is late; whoever waits longer has failed.
        Timeout = TimeSpan.FromSeconds(120),
    };

    /// <param name="urls">Of the servers, each asked in its turn.</param>
    public Api(IReadOnlyList<Uri> urls) => _urls = urls;

    /// <summary>The token that rows.sql gave user N.</summary>
    public static string TokenOf(int user) => string.Create(CultureInfo.InvariantCulture, $"load-{user}");

    /// <exception cref="ApiFailedException">It is not what was asked for.</exception>
    public Task<JsonNode> GetAsync(string path, string token, CancellationToken cancel) => SendAsync(new(HttpMethod.Get, Next(path)), token, cancel);

    /// <exception cref="ApiFailedException">It is not what was asked for.</exception>
    public Task<JsonNode> PostAsync(string path, JsonObject body, string token, CancellationToken cancel) =>
        SendAsync(new(HttpMethod.Post, Next(path)) { Content = JsonContent.Create(body) }, token, cancel);

    private Uri Next(string path) => new(_urls[(int)(Interlocked.Increment(ref _next) % (uint)_urls.Count)], path);

    private async Task<JsonNode> SendAsync(HttpRequestMessage request, string token, CancellationToken cancel)
    {
        using (request)
        {
            request.Headers.Add(TokenHeader, token);
            try
            {
                using var response = await _http.SendAsync(request, cancel);
                var envelope = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancel));
                return response.StatusCode is HttpStatusCode.OK && envelope?["status"]?.GetValue<bool>() is true && envelope["response"] is { } answer
                    ? answer
                    : throw new ApiFailedException($"{request.RequestUri}: {(int)response.StatusCode} {envelope?["message"]}");
            }
            catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                throw new ApiFailedException($"{request.RequestUri}: {e.GetBaseException().Message}", e);
            }
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>The server refused, or did not answer.</summary>
internal sealed class ApiFailedException(string message, Exception? inner = null) : Exception(message, inner);
