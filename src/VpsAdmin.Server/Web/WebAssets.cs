using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace VpsAdmin.Server.Web;

/// <summary>The stylesheet, the script and the icon: part of the assembly, so that wherever the server is copied they are there.</summary>
internal static class WebAssets
{
    private const string Prefix = "VpsAdmin.Server.Web.Assets.";

    private static readonly Dictionary<string, Asset> All = Load();

    /// <summary>Address that changes with the content, so that browsers may keep what they have.</summary>
    public static string Url(string name) => $"{WebPaths.Root}/assets/{name}?v={All[name].Tag}";

    public static IResult Serve(HttpContext http, string name)
    {
        if (!All.TryGetValue(name, out var asset))
            return Results.NotFound();
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(asset.Content, asset.Type, entityTag: new EntityTagHeaderValue($"\"{asset.Tag}\""));
    }

    private static Dictionary<string, Asset> Load()
    {
        var assembly = typeof(WebAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(static n => n.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(static n => n[Prefix.Length..], n =>
        {
            using var stream = assembly.GetManifestResourceStream(n)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new Asset(content, TypeOf(n), Convert.ToHexStringLower(SHA256.HashData(content))[..16]);
        });
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private sealed record Asset(byte[] Content, string Type, string Tag);
}
