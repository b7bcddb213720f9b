using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Downloads;

/// <summary>
/// Serves exports as they are at the moment: a file that grows is served up to its present length, and the client comes back for the rest
/// with a range (spec 3.3, 3.4). The length is fixed when a request begins. No validators: the file changes in place, and its checksum is what counts.
/// </summary>
internal static class DownloadEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapDownloads(this IEndpointRouteBuilder endpoints, Installation installation) =>
        endpoints.MapMethods("/download/{node}/{pool:long}/{secret}/{file}", Methods,
            (string node, long pool, string secret, string file, HttpContext http) =>
            {
                if (node != installation.DomainName || installation.DownloadFolderOf(pool) is not { } folder || !DownloadFile.IsSecret(secret) || !DownloadFile.IsName(file))
                    return Results.NotFound();
                return Open(Path.Combine(folder, secret, file)) is { } content ? new Download(content) : Results.NotFound();
            });

    /// <returns>Null when it is not begun yet, or removed; a folder under that name is no file either.</returns>
    private static FixedLengthContent? Open(string path)
    {
        try
        {
            return new FixedLengthContent(File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class Download(FixedLengthContent content) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            // A server that stops does not wait for slow readers; they come back with a range.
            var lifetime = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>();
            using var stopping = lifetime.ApplicationStopping.Register(httpContext.Abort);
            httpContext.Response.Headers.CacheControl = "no-store";
            try
            {
                await Results.Stream(content, "application/gzip", enableRangeProcessing: true).ExecuteAsync(httpContext).ConfigureAwait(false);
            }
            catch (EndOfStreamException e)
            {
                // The length is promised already; only a broken connection tells the client that this was not all.
                httpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DownloadEndpoint))
                    .LogWarning("Serving {File} was broken off: {Reason}", httpContext.Request.Path.Value?.Split('/')[^1], e.Message);
                httpContext.Abort();
            }
        }
    }
}
