using System.Text;

namespace VpsAdmin.Backup.Telling;

/// <summary>
/// Tells a watcher in the manner of healthchecks: <c>URI/start</c> when it begins, <c>URI</c> when it ended well, <c>URI/fail</c> when not. Never
/// fails a backup. The address is a key: no message has it.
/// </summary>
/// <param name="address">Absolute, http or https.</param>
public sealed class BackupPing(HttpClient http, Uri address)
{
    private const int LongestBody = 10_000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <returns>Null, or a warning to be shown.</returns>
    public Task<string?> StartAsync(CancellationToken cancel) => SendAsync("start", body: null, cancel);

    /// <summary>Well when none of the runs failed.</summary>
    /// <returns>Null, or a warning to be shown.</returns>
    public Task<string?> EndAsync(IReadOnlyList<BackupReport> reports, CancellationToken cancel) =>
        SendAsync(reports.Any(static r => r.Result is null) ? "fail" : null, string.Join('\n', reports.Select(static r => r.ToJson())), cancel);

    private async Task<string?> SendAsync(string? what, string? body, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        try
        {
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, Target(what));
            if (body is not null)
                request.Content = new StringContent(body.Length > LongestBody ? body[..LongestBody] : body, Encoding.UTF8, "text/plain");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : Warning(what, $"it answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return Warning(what, e is HttpRequestException ? e.Message : "it did not answer in time");
        }
    }

    private Uri Target(string? what) => what is null
        ? address
        : new UriBuilder(address) { Path = $"{address.AbsolutePath.TrimEnd('/')}/{what}" }.Uri;

    private string Warning(string? what, string reason) => $"The watcher at {address.Authority} was not told of the {what ?? "success"}: {reason}.";
}
