using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VpsAdmin.HaveApi;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Hosting.Telemetry;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Hosting;

/// <summary>What a server tells of itself to those who run it.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_tell_of_chains_queues_requests_downloads_and_failed_logins()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };

        // All servers of the process are measured together: what is looked for is only here, or at least as much.
        await StartChainAsync(server, "telemetry");
        await server.Node.NextAsync(Cancel);
        await Assert.ThrowsAnyAsync<HaveApiException>(() => server.ConnectAsync("admin", "wrong"));
        await WriteDownloadAsync(server, 100_000);
        Assert.Equal(100_000, (await http.GetByteArrayAsync(new Uri($"/download/node1.example.org/{server.Installation.PoolId}/{Secret}/a.tar.gz", UriKind.Relative), Cancel)).Length);

        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);
        Assert.True(Value(metrics, "vpsadmin_chains", "state=\"queued\"") >= 1, metrics);
        Assert.Equal(1, Value(metrics, "vpsadmin_transactions", "queue=\"telemetry\",state=\"running\""));
        Assert.True(Value(metrics, "vpsadmin_logins_failed_total", "") >= 1, metrics);
        Assert.True(Value(metrics, "vpsadmin_download_served_bytes_total", "") >= 100_000, metrics);
        Assert.True(Value(metrics, "http_server_request_duration_seconds_count", "http_route=\"/_auth/token/tokens\"") >= 1, metrics);
        Assert.DoesNotContain(Secret, metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3", null, 404)]
    [InlineData("10.1.2.3", "10.0.0.0/8", 200)]
    [InlineData("10.1.2.3", "192.168.0.0/16", 404)]
    public async Task Metrics_are_for_this_machine_and_the_networks_that_are_named(string address, string? network, int status)
    {
        await using var server = await RunningServer.StartAsync(configure: options => options with { Telemetry = new() { MetricsFrom = network is null ? [] : [network] } });
        using var http = new HttpClient { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/metrics", UriKind.Relative));
        // As a proxy on this machine tells it.
        request.Headers.Add("X-Forwarded-For", address);
        using var reply = await http.SendAsync(request, Cancel);
        Assert.Equal(status, (int)reply.StatusCode);
    }

    [Fact]
    public async Task Traces_go_to_the_collector_without_what_is_secret()
    {
        await using var collector = await Collector.StartAsync();
        await using (var server = await RunningServer.StartAsync(configure: options => options with { Telemetry = new(collector.Address) }))
        {
            using var http = new HttpClient { BaseAddress = server.Url };
            await WriteDownloadAsync(server, 10);
            await http.GetByteArrayAsync(new Uri($"/download/node1.example.org/{server.Installation.PoolId}/{Secret}/a.tar.gz", UriKind.Relative), Cancel);
            (await http.GetAsync(new Uri($"/v7.0/users/current?_auth_token={Secret}", UriKind.Relative), Cancel)).Dispose();
            var chain = await StartChainAsync(server, "general");
            server.Node.Succeed(await server.Node.NextAsync(Cancel));
            await server.WaitForAsync(chain, ChainState.Done);
        }

        // A server that stops sends what it has.
        var sent = string.Concat(collector.Bodies.Select(static b => Encoding.Latin1.GetString(b)));
        Assert.Contains("transaction CreateDataset", sent, StringComparison.Ordinal);
        Assert.Contains("/download/{name}/{pool", sent, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alive_is_one_thing_and_ready_is_another()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        foreach (var path in new[] { "/health", "/health/live", "/health/ready" })
            Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync(path));

        await server.QueryAsync(async db =>
        {
            db.Identity.RemoveRange(db.Identity);
            return await db.SaveChangesAsync(Cancel);
        });
        Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync("/health/live"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "database: it is empty"), await GetAsync("/health/ready"));

        async Task<(HttpStatusCode, string)> GetAsync(string path)
        {
            using var reply = await http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
            return (reply.StatusCode, await reply.Content.ReadAsStringAsync(Cancel));
        }
    }

    [Theory]
    [InlineData("ftp://collector", null, "telemetry:otlp")]
    [InlineData(null, "10.0.0.0/40", "telemetry:metricsfrom")]
    public void Options_that_cannot_be_right_are_refused(string? otlp, string? network, string named) =>
        Assert.StartsWith(named, Assert.Throws<SetupException>(() => new TelemetryOptions(otlp is null ? null : new Uri(otlp)) { MetricsFrom = network is null ? [] : [network] }.Check()).Message, StringComparison.Ordinal);

    private static readonly string Secret = string.Concat(Enumerable.Repeat("0123456789abcdef0011", 5));

    private static async Task WriteDownloadAsync(RunningServer server, int bytes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(server.DownloadFolder, Secret)).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "a.tar.gz"), new byte[bytes], Cancel);
    }

    private static async Task<long> StartChainAsync(RunningServer server, string queue)
    {
        var started = await server.UseAsync<ChainStarter, StartedChain<int>>((chains, _) => chains.StartAsync(new("test", "Test"), 1, chain =>
        {
            chain.Append(1, TransactionType.CreateDataset, new JsonObject(), queue);
            return Task.FromResult(0);
        }, Cancel));
        return started.ChainId;
    }

    /// <summary>Sum of the lines of a metric with these labels.</summary>
    private static double Value(string metrics, string name, string labels) => metrics.Split('\n')
        .Where(l => Regex.IsMatch(l, $@"\A{name}[{{ ]") && l.Contains(labels, StringComparison.Ordinal))
        .Sum(static l => double.Parse(Regex.Match(l, @"\} ([^ ]+)").Groups[1].Value, CultureInfo.InvariantCulture));

    /// <summary>What OpenTelemetry sends to, over HTTP.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Collector(WebApplication app) => _app = app;

        public ConcurrentQueue<byte[]> Bodies { get; } = new();

        public Uri Address => new(_app.Urls.First());

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var collector = new Collector(app);
            app.MapPost("/v1/{signal}", async (HttpContext http) =>
            {
                using var body = new MemoryStream();
                await http.Request.Body.CopyToAsync(body, http.RequestAborted);
                collector.Bodies.Enqueue(body.ToArray());
            });
            await app.StartAsync(Cancel);
            return collector;
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }
}
