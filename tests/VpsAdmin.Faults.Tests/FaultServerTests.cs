using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using VpsAdmin.FaultServer;

namespace VpsAdmin.Faults.Tests;

/// <summary>The server that does things wrong does them as its script says, and everything else right.</summary>
public sealed class FaultServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-script-").FullName;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_for_files_take_the_faults_of_the_script_in_turn_and_are_served_then()
    {
        await using var server = await StartAsync("""
            {
              // A file of a thousand bytes.
              "snapshots": [{ "name": "2026-03-02T00:00:00", "exports": [{ "size": 1000 }] }],
              "files": [
                { "status": 503, "retry_after": "7" }, { "redirect": "other" }, { "ignore_range": true }, { "piece": 10 }, { "range_from": 5 }, { "seen_length": 400 },
                { "etag": "other", "corrupt_at": 0 }, { "cut_after": 100 }, { "cut_after": 100, "cut": "short" }, { "length": 50 }
              ]
            }
            """);
        var (_, url) = await ExportAsync(server);
        using (var busy = await GetAsync(url))
            Assert.Equal((HttpStatusCode.ServiceUnavailable, 7), (busy.StatusCode, busy.Headers.RetryAfter!.Delta!.Value.Seconds));
        using (var away = await GetAsync(url))
            Assert.Equal("localhost", away.Headers.Location!.Host);
        Assert.Equal(1000, (await BytesAsync(url, from: 900)).Length);
        Assert.Equal(10, (await BytesAsync(url, from: 900)).Length);
        using (var lie = await GetAsync(url, from: 900))
            Assert.Equal(5, lie.Content.Headers.ContentRange!.From);
        Assert.Equal(400, (await BytesAsync(url)).Length);
        using (var damaged = await GetAsync(url))
        {
            Assert.Equal("\"other\"", damaged.Headers.ETag!.Tag);
            Assert.NotEqual(server.Api.Downloads[0].Whole, await damaged.Content.ReadAsByteArrayAsync(Cancel));
        }
        await Assert.ThrowsAsync<HttpRequestException>(() => BytesAsync(url));
        Assert.Equal(100, (await BytesAsync(url)).Length);
        Assert.Equal(50, (await BytesAsync(url)).Length);
        Assert.Equal(server.Api.Downloads[0].Whole, await BytesAsync(url));
    }

    [Fact]
    public async Task A_file_appears_grows_shrinks_is_made_anew_and_vanishes()
    {
        await using var server = await StartAsync("""
            {
              "snapshots": [{ "name": "a", "exports": [{ "size": 1000, "appear_after": 2, "grow": 400, "file_name": "../../etc/passwd" }] }],
              "files": [{}, {}, {}, {}, { "shrink_to": 10 }, { "rewrite": true }, { "vanish": true }]
            }
            """);
        var (id, url) = await ExportAsync(server);
        Assert.Equal("../../etc/passwd", (string?)(await LookAsync(server, id))["file_name"]);
        using (var nothing = await GetAsync(url))
            Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
        Assert.False((bool)(await LookAsync(server, id))["ready"]!);
        Assert.Equal(400, (await BytesAsync(url)).Length);
        using (var beyond = await GetAsync(url, from: 400))
            Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        await LookAsync(server, id);
        var ready = await LookAsync(server, id);
        Assert.True((bool)ready["ready"]!);
        Assert.Equal(1000, (await BytesAsync(url)).Length);
        Assert.Equal(10, (await BytesAsync(url)).Length);
        await LookAsync(server, id);
        await BytesAsync(url);
        Assert.NotEqual((string?)ready["sha256sum"], (string?)(await LookAsync(server, id))["sha256sum"]);
        await GetAsync(url);
        using (var gone = await GetAsync(url))
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Empty(server.Api.Downloads);
    }

    [Fact]
    public async Task Calls_fail_as_the_script_says_and_go_well_before_and_after()
    {
        await using var server = await StartAsync("""
            {
              "snapshots": [{ "name": "a" }],
              "api": [
                { "call": "GET /snapshot_downloads/*", "skip": 1, "status": 423, "message": "locked" },
                { "call": "GET /vpses", "body": "<h1>Please sign in</h1>" },
                { "call": "GET /datasets", "hang_up": true }
              ]
            }
            """);
        var address = new Uri(server.Address, "/v7.0/snapshot_downloads/99");
        Assert.Equal((HttpStatusCode)404, (await _http.GetAsync(address, Cancel)).StatusCode);
        Assert.Equal((HttpStatusCode)423, (await _http.GetAsync(address, Cancel)).StatusCode);
        Assert.Equal((HttpStatusCode)404, (await _http.GetAsync(address, Cancel)).StatusCode);
        Assert.Equal("<h1>Please sign in</h1>", await _http.GetStringAsync(new Uri(server.Address, "/v7.0/vpses"), Cancel));
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetAsync(new Uri(server.Address, "/v7.0/datasets"), Cancel));
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(server.Address, "/v7.0/datasets"), Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_bomb_is_a_small_file_of_nothing_that_becomes_large()
    {
        await using var server = await StartAsync("""{ "snapshots": [{ "name": "a", "exports": [{ "bomb": 3 }] }] }""");
        var (_, url) = await ExportAsync(server);
        var bomb = await BytesAsync(url);
        await using var gzip = new GZipStream(new MemoryStream(bomb), CompressionMode.Decompress);
        using var nothing = new MemoryStream();
        await gzip.CopyToAsync(nothing, Cancel);
        Assert.Equal(new byte[3 << 20], nothing.ToArray());
        Assert.InRange(bomb.Length, 1, nothing.Length / 500);
    }

    [Theory]
    [InlineData("bytes=0-9,20-29", HttpStatusCode.OK, 0, 1000)]
    [InlineData("bytes=-10", HttpStatusCode.PartialContent, 990, 10)]
    [InlineData("bytes=10-19", HttpStatusCode.PartialContent, 10, 10)]
    [InlineData("lines=1-2", HttpStatusCode.OK, 0, 1000)]
    public async Task Any_range_is_answered_as_HTTP_wants_it(string range, HttpStatusCode status, int from, int length)
    {
        await using var server = await StartAsync("""{ "snapshots": [{ "name": "a", "exports": [{ "size": 1000 }] }] }""");
        var (_, url) = await ExportAsync(server);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        Assert.True(request.Headers.TryAddWithoutValidation("Range", range));
        using var response = await _http.SendAsync(request, Cancel);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(server.Api.Downloads[0].Whole[from..(from + length)], await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("snapshot=1")]
    [InlineData("[1]")]
    [InlineData("""{"a":1,"a":2}""")]
    public async Task Input_that_is_no_JSON_object_is_refused(string text)
    {
        await using var server = await StartAsync("""{ "snapshots": [{ "name": "a", "exports": [{}] }] }""");
        using var input = new StringContent(text);
        using var reply = await _http.PostAsync(new Uri(server.Address, "/v7.0/snapshot_downloads"), input, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Equal("Bad JSON syntax", (string?)JsonNode.Parse(await reply.Content.ReadAsStringAsync(Cancel))!["message"]);
    }

    [Fact]
    public async Task What_was_done_about_each_request_is_told()
    {
        await using var server = await StartAsync("""
            {
              "snapshots": [{ "name": "a", "exports": [{ "size": 1000 }] }],
              "files": [{ "cut_after": 100, "cut": "Short" }, { "status": 503 }],
              "api": [{ "call": "GET /vpses", "hang_up": true }, { "call": "GET /datasets", "status": 423, "message": "<locked>" }]
            }
            """);
        var told = new ConcurrentQueue<string>();
        server.Log = told.Enqueue;
        var (id, url) = await ExportAsync(server);
        await BytesAsync(url, from: 10);
        await BytesAsync(url);
        await BytesAsync(url);
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetAsync(new Uri(server.Address, "/v7.0/vpses"), Cancel));
        await _http.GetAsync(new Uri(server.Address, "/v7.0/datasets"), Cancel);
        string[] expected =
        [
            "POST /snapshot_downloads: 200",
            $$"""GET file of download {{id}}, bytes=10-: {"cut_after":100,"cut":"Short"}: 206, 100 bytes""",
            $$"""GET file of download {{id}}, all: {"status":503}: 503, 0 bytes""",
            $"GET file of download {id}, all: 200, 1000 bytes",
            """GET /vpses: {"call":"GET /vpses","times":1,"hang_up":true}: no answer""",
            """GET /datasets: {"call":"GET /datasets","times":1,"status":423,"message":"<locked>"}: 423""",
        ];
        // A client may have its answer before the server has written down that it gave it.
        await Eventually.TrueAsync(() => told.Count == expected.Length, Cancel);
        Assert.Equal(expected.Order(), told.Order());
    }

    [Fact]
    public async Task A_fault_of_the_server_that_no_script_asks_for_is_told_and_answered()
    {
        await using var server = await StartAsync("""{ "snapshots": [{ "name": "a" }] }""");
        var told = new ConcurrentQueue<string>();
        server.Log = told.Enqueue;
        server.Api.Content = static (_, _, _) => throw new IOException("The disk is gone.");
        using var input = new StringContent("""{"snapshot_download":{"snapshot":1,"format":"archive"}}""");
        using var reply = await _http.PostAsync(new Uri(server.Address, "/v7.0/snapshot_downloads"), input, Cancel);
        Assert.Equal(HttpStatusCode.InternalServerError, reply.StatusCode);
        Assert.Equal("The disk is gone.", (string?)JsonNode.Parse(await reply.Content.ReadAsStringAsync(Cancel))!["message"]);
        Assert.Contains(told, static line => line.StartsWith("POST /v7.0/snapshot_downloads: System.IO.IOException: The disk is gone.", StringComparison.Ordinal));
        Assert.Contains("POST /snapshot_downloads: not done", told);
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<FaultyVpsAdmin> StartAsync(string script)
    {
        var path = Path.Combine(_folder, "script.json");
        await File.WriteAllTextAsync(path, script, Cancel);
        return (await FaultyVpsAdmin.StartAsync(Cancel)).Play(FaultScript.Read(path), _folder);
    }

    /// <summary>Has an export made of the first snapshot.</summary>
    private async Task<(long Id, Uri Url)> ExportAsync(FaultyVpsAdmin server)
    {
        using var input = new StringContent("""{"snapshot_download":{"snapshot":1,"format":"archive"}}""");
        using var reply = await _http.PostAsync(new Uri(server.Address, "/v7.0/snapshot_downloads"), input, Cancel);
        var made = JsonNode.Parse(await reply.Content.ReadAsStringAsync(Cancel))!["response"]!["snapshot_download"]!;
        return ((long)made["id"]!, new Uri((string)made["url"]!));
    }

    private async Task<JsonNode> LookAsync(FaultyVpsAdmin server, long id) =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri(server.Address, $"/v7.0/snapshot_downloads/{id}"), Cancel))!["response"]!["snapshot_download"]!;

    private async Task<HttpResponseMessage> GetAsync(Uri url, long? from = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (from is not null)
            request.Headers.Range = new(from, null);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private async Task<byte[]> BytesAsync(Uri url, long? from = null)
    {
        using var response = await GetAsync(url, from);
        return await response.Content.ReadAsByteArrayAsync(Cancel);
    }
}
