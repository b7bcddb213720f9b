using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VpsAdmin.Benchmarks;

/// <summary>One file of random bytes behind Kestrel on the loopback, with ranges.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FileServer(WebApplication app, Source source) => (_app, Source) = (app, source);

    public Source Source { get; }

    public static async Task<FileServer> StartAsync(string path, long size, CancellationToken cancel)
    {
        var sha256 = await WriteAsync(path, size, cancel).ConfigureAwait(false);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/file", () => Results.File(path, enableRangeProcessing: true));
        await app.StartAsync(cancel).ConfigureAwait(false);
        return new FileServer(app, new Source(new Uri(new Uri(app.Urls.Single()), "/file"), sha256));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<string> WriteAsync(string path, long size, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var random = new Random(1);
        var block = new byte[1 << 20];
        var file = File.Create(path);
        await using var _ = file.ConfigureAwait(false);
        for (var left = size; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            hash.AppendData(block);
            await file.WriteAsync(block, cancel).ConfigureAwait(false);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
