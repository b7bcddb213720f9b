using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VpsAdmin.Benchmarks;

/// <summary>One file behind Kestrel on the loopback, with ranges.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FileServer(WebApplication app, Source source) => (_app, Source) = (app, source);

    public Source Source { get; }

    public static async Task<FileServer> StartAsync(string path, CancellationToken cancel)
    {
        string sha256;
        using (var file = File.OpenRead(path))
            sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel).ConfigureAwait(false));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/file", () => Results.File(path, enableRangeProcessing: true));
        await app.StartAsync(cancel).ConfigureAwait(false);
        return new FileServer(app, new Source(new Uri(new Uri(app.Urls.Single()), "/file"), sha256, new FileInfo(path).Length));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
