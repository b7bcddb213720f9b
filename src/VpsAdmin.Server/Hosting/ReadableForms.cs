using VpsAdmin.Server.Accounts.OAuth;
using VpsAdmin.Server.Web;

namespace VpsAdmin.Server.Hosting;

/// <summary>A form that cannot be read, such as one with a NUL in it or with too many fields, is its sender's fault. Whoever reads it first, a library or a page, would call it the server's.</summary>
internal static class ReadableForms
{
    public static void UseReadableForms(this WebApplication app) => app.UseWhen(static http => IsForm(http.Request), static forms => forms.Use(ReadAsync));

    /// <summary>The API reads no forms.</summary>
    private static bool IsForm(HttpRequest request) =>
        request.HasFormContentType && (request.Path.StartsWithSegments(OAuthEndpoints.Root) || request.Path.StartsWithSegments(WebPaths.Root));

    private static async Task ReadAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            // It is kept for those behind.
            await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            await Results.Json(new Dictionary<string, string> { ["error"] = "invalid_request", ["error_description"] = "The form cannot be read." }, statusCode: StatusCodes.Status400BadRequest)
                .ExecuteAsync(http).ConfigureAwait(false);
            return;
        }
        await next(http).ConfigureAwait(false);
    }
}
