using System.Net.Http.Headers;
using System.Security.Authentication;

namespace VpsAdmin.Transfer.Pump;

/// <summary>The file on its web server. Messages name the server only: the path is a secret that opens the file.</summary>
internal sealed class ExportFile(HttpClient http, TimeSpan stallTimeout, TimeProvider time)
{
    private const int MostRedirects = 5;

    /// <summary>Asks for everything from <paramref name="position"/> on. The caller disposes the answer.</summary>
    /// <exception cref="TransferFault">No answer.</exception>
    /// <exception cref="TransferException">Redirected to where we do not go.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri url, long position, CancellationToken cancel)
    {
        var target = url;
        for (var hops = 0; ; hops++)
        {
            var response = await SendAsync(target, position, cancel).ConfigureAwait(false);
            if (Decision.OfHead(HeadOf(response), position, ready: false) != HeadVerdict.Redirect)
                return response;
            using (response)
                target = RedirectTarget(target, response, hops);
        }
    }

    public static ResponseHead HeadOf(HttpResponseMessage response)
    {
        var headers = response.Content.Headers;
        // Units other than bytes are no range that was asked for.
        var range = headers.ContentRange is { Unit: "bytes" } r ? r : null;
        return new ResponseHead((int)response.StatusCode, headers.ContentLength, range?.From, range?.To, range?.Length);
    }

    public TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };

    private async Task<HttpResponseMessage> SendAsync(Uri url, long position, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (position > 0)
            request.Headers.Range = new RangeHeaderValue(position, null);
        using var stall = new CancellationTokenSource(stallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stall.Token);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            throw Refuse($"{url.Authority} has no certificate that this machine trusts: {e.InnerException.Message}", e);
        }
        catch (HttpRequestException e)
        {
            throw new TransferFault($"No answer from {url.Authority}: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TransferFault($"No answer from {url.Authority} in time.", e);
        }
    }

    /// <summary>Another origin was never vouched for by the API, and would learn the secret path.</summary>
    private static Uri RedirectTarget(Uri from, HttpResponseMessage response, int hops)
    {
        if (hops == MostRedirects)
            throw Refuse($"{from.Authority} redirects more than {MostRedirects} times.");
        if (response.Headers.Location is not { } location)
            throw Refuse($"{from.Authority} redirects to nowhere.");
        var target = new Uri(from, location);
        if (Uri.Compare(from, target, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) != 0)
            throw Refuse($"{from.Authority} redirects to another server, {target.Authority}: refused.");
        return target;
    }

    private static TransferException Refuse(string message, Exception? inner = null) => new(TransferFailure.BadResponse, message, inner);
}
