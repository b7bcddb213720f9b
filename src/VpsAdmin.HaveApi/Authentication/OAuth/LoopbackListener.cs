using System.Net;
using System.Net.Sockets;
using System.Text;
using VpsAdmin.HaveApi.Http;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>Waits on this machine for the browser to come back with the authorization server's answer (RFC 8252, 7.3).</summary>
internal sealed class LoopbackListener : IDisposable
{
    /// <summary>Somebody else may take a port between our looking for a free one and listening on it.</summary>
    private const int Tries = 10;

    private readonly HttpListener _http;

    private LoopbackListener(HttpListener http, Uri address) => (_http, Address) = (http, address);

    /// <summary>With its real port: the redirect_uri.</summary>
    public Uri Address { get; }

    /// <param name="redirect">Port 0: any free one.</param>
    /// <exception cref="ArgumentException">Not an http address of this machine.</exception>
    /// <exception cref="OAuthFailedException">The port is taken.</exception>
    public static LoopbackListener Start(Uri redirect)
    {
        if (!redirect.IsAbsoluteUri || redirect.Scheme != Uri.UriSchemeHttp || !redirect.IsLoopback || redirect.Query.Length > 0)
            throw new ArgumentException($"'{redirect}' is not an http address of this machine.", nameof(redirect));
        for (var tries = 1; ; tries++)
        {
            var address = redirect.Port == 0 ? new UriBuilder(redirect) { Port = FreePort() }.Uri : redirect;
            var http = new HttpListener();
            http.Prefixes.Add(address.GetLeftPart(UriPartial.Authority) + "/");
            try
            {
                http.Start();
                return new LoopbackListener(http, address);
            }
            catch (HttpListenerException e)
            {
                http.Close();
                if (redirect.Port != 0 || tries == Tries)
                    throw new OAuthFailedException($"The browser cannot bring the answer to {address}", null, ServerText.Printable(e.Message, 200));
            }
        }
    }

    /// <summary>Requests with another state than ours are anybody's: any page can make the browser ask this port.</summary>
    /// <returns>The whole address that the browser was sent to.</returns>
    public async Task<string> ReceiveAsync(string state, CancellationToken cancel)
    {
        while (true)
        {
            var context = await _http.GetContextAsync().WaitAsync(cancel).ConfigureAwait(false);
            var query = context.Request.QueryString;
            var isOurs = context.Request.HttpMethod == "GET" && context.Request.Url?.AbsolutePath == Address.AbsolutePath
                && query["state"] == state && (query["code"] ?? query["error"]) is not null;
            await AnswerAsync(context.Response, isOurs ? 200 : 404, (isOurs, query["error"]) switch
            {
                (false, _) => "Nothing here.",
                (true, null) => "Logged in. You can close this window and go on in the terminal.",
                _ => "The login was refused. You can close this window.",
            }, cancel).ConfigureAwait(false);
            if (isOurs)
                return context.Request.Url!.AbsoluteUri;
        }
    }

    public void Dispose() => _http.Close();

    private static async Task AnswerAsync(HttpListenerResponse response, int status, string text, CancellationToken cancel)
    {
        var body = Encoding.UTF8.GetBytes($"<!doctype html><meta charset=\"utf-8\"><title>VpsAdmin.PS</title><p>{text}</p>");
        try
        {
            response.StatusCode = status;
            response.ContentType = "text/html; charset=utf-8";
            response.Headers["Cache-Control"] = "no-store";
            response.Headers["Referrer-Policy"] = "no-referrer";
            response.ContentLength64 = body.Length;
            await response.OutputStream.WriteAsync(body, cancel).ConfigureAwait(false);
            response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException)
        {
            // The browser did not wait for the answer; what it brought counts.
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
