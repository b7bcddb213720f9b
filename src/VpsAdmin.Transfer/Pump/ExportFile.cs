using System.Net.Http.Headers;
using System.Security.Authentication;

namespace VpsAdmin.Transfer.Pump;

/// <summary>The file on its web server. Messages name the server only: the path is a secret that opens the file.</summary>
internal sealed class ExportFile(HttpClient http, TimeSpan stallTimeout, TimeProvider time)
{
    private const int MostRedirects = 5;

    /// <summary>Asks for everything from <paramref name="position"/> on. The caller disposes the answer.</summary>
    /// <param name="last">The last byte that is wanted; null: all.</param>
    /// <exception cref="TransferFault">No answer.</exception>
    /// <exception cref="TransferException">Redirected to where we do not go.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri url, long position, CancellationToken cancel, long? last = null)
    {
        var target = url;
        for (var hops = 0; ; hops++)
        {
            var response = await SendAsync(target, position, last, cancel).ConfigureAwait(false);
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

    private async Task<HttpResponseMessage> SendAsync(Uri url, long position, long? last, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (position > 0 || last is not null)
            request.Headers.Range = new RangeHeaderValue(position, last);
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

    /// <summary>
    /// Wherever the server says, over http and https, but not from the safe one to the other: the path is a secret. There is nothing else that
    /// another server could learn, for this client sends no credentials, cookies or referrers.
    /// </summary>
    private static Uri RedirectTarget(Uri from, HttpResponseMessage response, int hops)
    {
        if (hops == MostRedirects)
            throw Refuse($"{from.Authority} redirects more than {MostRedirects} times.");
        if (response.Headers.Location is not { } location || !Uri.TryCreate(from, location, out var target))
            throw Refuse($"{from.Authority} redirects to nowhere.");
        if (target.Scheme != Uri.UriSchemeHttps && (target.Scheme != Uri.UriSchemeHttp || from.Scheme == Uri.UriSchemeHttps))
            throw Refuse($"{from.Authority} redirects from {from.Scheme} to {target.Scheme}: refused.");
        if (target.UserInfo.Length > 0)
            throw Refuse($"{from.Authority} redirects with a user name or password in the address: refused.");
        return target;
    }

    private static TransferException Refuse(string message, Exception? inner = null) => new(TransferFailure.BadResponse, message, inner);
}
