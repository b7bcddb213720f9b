using System.Net.Sockets;
using System.Text;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Hosting;

/// <summary>Who sends almost nothing keeps no connection.</summary>
public sealed class SlowBodyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_that_does_not_come_is_not_waited_for()
    {
        await using var server = await RunningServer.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Url.Host, server.Url.Port, Cancel);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "POST /_auth/token/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"token\""), Cancel);
        using var reader = new StreamReader(socket.GetStream(), Encoding.ASCII);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        Assert.StartsWith("HTTP/1.1 408 ", await reader.ReadLineAsync(limit.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_do_not_end_are_not_waited_for()
    {
        await using var server = await RunningServer.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Url.Host, server.Url.Port, Cancel);
        await socket.GetStream().WriteAsync("GET /v7.0/datasets HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), Cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        // An answer or none: the connection ends.
        using var reader = new StreamReader(socket.GetStream(), Encoding.ASCII);
        Assert.DoesNotContain("200", await reader.ReadToEndAsync(limit.Token), StringComparison.Ordinal);
    }
}
