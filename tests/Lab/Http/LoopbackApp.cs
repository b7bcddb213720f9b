using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, static l => l.Protocols = HttpProtocols.Http1));
        // Writes return when the socket has taken the bytes, so that a broken connection does not swallow bytes that the script promises.
        builder.WebHost.UseSockets(static s => s.MaxWriteBufferSize = 2);
        return builder.Build();
    }
}
