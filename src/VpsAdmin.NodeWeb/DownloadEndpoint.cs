using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace VpsAdmin.NodeWeb;

/// <summary>
/// Serves exports as they are at the moment: a file that grows is served up to its present length, and the client comes back for the rest
/// with a range (spec 3.3, 3.4). The length is fixed when a request begins. The ETag is one for each writing of the file: it stays while the file grows, and
/// a file that is written anew, after its node was killed, has another one.
/// </summary>
public static class DownloadEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <param name="node">Domain name that is in the paths.</param>
    /// <param name="folderOf">Where a pool's exports are, by the pool's id; null: it is none of this node's.</param>
    public static void MapDownloads(this IEndpointRouteBuilder endpoints, string node, Func<long, string?> folderOf) =>
        endpoints.MapMethods("/download/{name}/{pool:long}/{secret}/{file}", Methods,
            (string name, long pool, string secret, string file) =>
            {
                if (name != node || folderOf(pool) is not { } folder || !DownloadPath.IsSecret(secret) || !DownloadPath.IsName(file))
                    return Results.NotFound();
                return Open(Path.Combine(folder, secret, file)) is { } download ? download : Results.NotFound();
            });

    /// <returns>Null when it is not begun yet, or removed; a folder under that name is no file either.</returns>
    private static Download? Open(string path)
    {
        try
        {
            var tag = Tag(path);
            var file = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous | FileOptions.SequentialScan);
            return new Download(new FixedLengthContent(file), tag == Tag(path) ? new EntityTagHeaderValue(tag) : null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>When the file was made, not when it was written to: that is the time of its folder, which holds nothing else.</summary>
    private static string Tag(string path) => $"\"{Directory.GetLastWriteTimeUtc(Path.GetDirectoryName(path)!).Ticks:x}\"";

    private sealed class Download(FixedLengthContent content, EntityTagHeaderValue? tag) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            // A server that stops does not wait for slow readers; they come back with a range.
            var lifetime = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>();
            using var stopping = lifetime.ApplicationStopping.Register(httpContext.Abort);
            httpContext.Response.Headers.CacheControl = "no-store";
            try
            {
                await Results.Stream(content, "application/gzip", entityTag: tag, enableRangeProcessing: true).ExecuteAsync(httpContext).ConfigureAwait(false);
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
