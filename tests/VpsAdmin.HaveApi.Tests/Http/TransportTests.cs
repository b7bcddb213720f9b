using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Http;

public sealed class TransportTests
{
    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_gateway_that_speaks_for_the_server_is_no_answer(int status)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Text(status, "text/html", "<h1>Bad\n gateway</h1>", ("Retry-After", "30")));
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<ApiUnreachableException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Equal((HttpStatusCode)status, e.HttpStatus);
        Assert.Equal(TimeSpan.FromSeconds(30), e.RetryAfter);
        Assert.Contains("<h1>Bad gateway</h1>", e.Message);
    }

    [Fact]
    public async Task A_gateways_json_is_no_answer_either()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Text(502, "application/json", """{"error":"upstream"}"""));
        using var api = await ConnectAsync(server);

        Assert.Equal(HttpStatusCode.BadGateway, (await Assert.ThrowsAsync<ApiUnreachableException>(
            () => api.CallAsync("shelf#index", [], null, null, Cancel))).HttpStatus);
    }

    [Fact]
    public async Task Retry_after_may_be_a_date()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Text(503, "text/plain", "", ("Retry-After", "Thu, 01 Jan 2026 00:02:00 GMT")));
        using var api = await ConnectAsync(server, options: new HaveApiClientOptions { Time = time });

        var e = await Assert.ThrowsAsync<ApiUnreachableException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Equal(TimeSpan.FromMinutes(2), e.RetryAfter);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(406)]
    [InlineData(411)]
    public async Task Anything_else_without_json_is_not_an_api(int status)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Text(status, "text/html", "Length \u001b[31mRequired" + new string('x', 100_000)));
        using var api = await ConnectAsync(server);

        var e = await Assert.ThrowsAsync<ProtocolException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Contains($"HTTP {status}", e.Message);
        Assert.Contains("\"Length [31mRequiredxxx", e.Message);
        Assert.True(e.Message.Length < 400);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_the_token_goes_nowhere()
    {
        await using var elsewhere = await StartAsync();
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", context =>
        {
            context.Response.Redirect(new Uri(elsewhere.Address, "/v7.0/shelves?token=abc").ToString());
            return Task.CompletedTask;
        });
        using var api = await ConnectAsync(server, TokenAuthentication.Use("abc"));

        var e = await Assert.ThrowsAsync<ProtocolException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Contains($"redirect to {elsewhere.Address}v7.0/shelves.", e.Message);
        Assert.DoesNotContain("abc", e.Message);
        Assert.Empty(elsewhere.Received);
    }

    [Fact]
    public async Task A_reply_that_announces_too_many_bytes_is_not_read()
    {
        await using var server = await StartAsync();
        var held = new TaskCompletionSource();
        server.On("GET /v7.0/shelves", async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = 1L << 40;
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Answer.Never(held)(context);
        });
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<ProtocolException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));
    }

    [Fact]
    public async Task A_reply_that_does_not_end_is_cut_off()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", async context =>
        {
            context.Response.ContentType = "application/json";
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(new string(' ', 4096), context.RequestAborted);
        });
        using var api = await ConnectAsync(server, options: new HaveApiClientOptions { MaxReplyBytes = 100_000 });

        var e = await Assert.ThrowsAsync<ProtocolException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));

        Assert.Equal("The server's reply to shelf#index is longer than 100000 bytes; it was not read.", e.Message);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_of_a_reply_is_no_answer()
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("""{"status":true,""", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        });
        using var api = await ConnectAsync(server);

        await Assert.ThrowsAsync<ApiUnreachableException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_no_answer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var e = await Assert.ThrowsAsync<ApiUnreachableException>(
            () => HaveApiClient.ConnectAsync(new Uri($"http://127.0.0.1:{port}/"), new NoAuthentication(), null, null, Cancel));

        Assert.Null(e.HttpStatus);
        Assert.Contains($"127.0.0.1:{port}", e.Message);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_no_answer()
    {
        var time = new FakeTimeProvider();
        var taken = new TaskCompletionSource();
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Never(taken));
        using var api = await ConnectAsync(server, options: new HaveApiClientOptions(Timeout: TimeSpan.FromSeconds(20)) { Time = time });

        var call = api.CallAsync("shelf#index", [], null, null, Cancel);
        await taken.Task.WaitAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(20));

        Assert.Contains("did not answer shelf#index within 20 s", (await Assert.ThrowsAsync<ApiUnreachableException>(() => call)).Message);
    }

    [Fact]
    public async Task Cancelling_ends_a_call_that_the_server_never_answers()
    {
        var taken = new TaskCompletionSource();
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Never(taken));
        using var api = await ConnectAsync(server);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var call = api.CallAsync("shelf#index", [], null, null, stop.Token);
        await taken.Task.WaitAsync(Cancel);
        await stop.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Cancel));
        Assert.Equal(stop.Token, e.CancellationToken);
    }

    [Fact]
    public async Task Disposing_ends_a_call()
    {
        var taken = new TaskCompletionSource();
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Never(taken));
        var api = await ConnectAsync(server);

        var call = api.CallAsync("shelf#index", [], null, null, Cancel);
        await taken.Task.WaitAsync(Cancel);
        api.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => api.CallAsync("shelf#index", [], null, null, Cancel));
    }

    [Fact]
    public async Task A_handler_of_the_caller_is_used_and_not_disposed()
    {
        await using var server = await StartAsync();
        using var handler = new SocketsHttpHandler();
        using (await HaveApiClient.ConnectAsync(server.Address, new NoAuthentication(), null, handler, Cancel))
        {
        }

        using var again = await HaveApiClient.ConnectAsync(server.Address, new NoAuthentication(), null, handler, Cancel);
        Assert.Equal(4, server.Received.Count);
    }
}
