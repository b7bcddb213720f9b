using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace VpsAdmin.Lab.Http;

/// <summary>Sends the body of one answer as its action says.</summary>
/// <param name="onSent">Told of bytes that the socket has taken.</param>
/// <param name="onStall">Told 1 when nothing more will come, and -1 when the client has gone.</param>
public sealed class FileBody(HttpContext context, ServeAction action, Action<int> onSent, Action<int> onStall)
{
    private const int Piece = 64 * 1024;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    public async Task SendAsync(ReadOnlyMemory<byte> body)
    {
        if (action.CorruptOffset is { } offset && offset < body.Length)
        {
            var damaged = body.ToArray();
            damaged[offset] ^= 0xff;
            body = damaged;
        }
        var isCut = action.MostBytes < body.Length || action.ClaimedLength > body.Length;
        var most = Math.Min(action.MostBytes ?? long.MaxValue, action.ClaimedLength ?? long.MaxValue);
        if (most < body.Length)
            body = body[..(int)most];
        await WriteAsync(body).ConfigureAwait(false);
        if (action.Stalls)
            await StallAsync().ConfigureAwait(false);
        else if (isCut && action.Cut != Cut.ShortBody)
            await EndAsync(context, action.Cut).ConfigureAwait(false);
    }

    public static async Task EndAsync(HttpContext context, Cut cut)
    {
        var socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        if (cut == Cut.Reset)
        {
            socket.Close(timeout: 0);
            context.Abort();
            return;
        }
        // Kestrel's own abort sends a reset, which throws away what is still on its way. The end behind the last byte does not.
        socket.Shutdown(SocketShutdown.Send);
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> body)
    {
        var size = action.BytesPerSecond is { } rate ? Math.Max(1, (int)(rate * Tick.TotalSeconds)) : Piece;
        using var pace = action.BytesPerSecond is null ? null : new PeriodicTimer(Tick);
        for (var sent = 0; sent < body.Length; sent += size)
        {
            if (pace is not null)
                await pace.WaitForNextTickAsync(context.RequestAborted).ConfigureAwait(false);
            var piece = body[sent..Math.Min(body.Length, sent + size)];
            await context.Response.Body.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
            onSent(piece.Length);
        }
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private async Task StallAsync()
    {
        onStall(1);
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        onStall(-1);
    }
}
