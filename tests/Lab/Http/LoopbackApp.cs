using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VpsAdmin.Lab.Http;

/// <summary>A web server on 127.0.0.1 whose answers can be cut at any byte.</summary>
public static class LoopbackApp
{
    /// <param name="port">0: any free one.</param>
    public static WebApplication Create(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, static l => l.Protocols = HttpProtocols.Http1));
        // Writes return when the socket has taken the bytes, so that a broken connection does not swallow bytes that the script promises.
        builder.WebHost.UseSockets(static s => s.MaxWriteBufferSize = 2);
        return builder.Build();
    }

    /// <summary>
    /// The usual one takes SIGTERM and SIGINT for itself, from the moment it starts: they are the process's, a program's or that of tests, in which this is one part of
    /// many, and nobody waits for it to stop.
    /// </summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
