using System.Net;
using System.Net.Http.Headers;
using VpsAdmin.Server.Downloads;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Downloads;

public sealed class DownloadEndpointTests : IAsyncLifetime
{
    private const string Name = "101__2026-06-13T23-00-01.dat.gz";

    // More than the sockets between server and client take in before somebody reads.
    private const long Large = 64 << 20;

    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(static i => (byte)i)];

    private readonly HttpClient _http = new();
    private readonly string _secret = DownloadFile.NewSecret();
    private RunningServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_server.DownloadFolder, _secret, Name);

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllBytesAsync(File, Content);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_whole_file_comes_without_a_range()
    {
        using var reply = await GetAsync();
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal(1000, reply.Content.Headers.ContentLength);
        Assert.Equal(Content, await reply.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData(0, null, 0, 999)]
    [InlineData(1, null, 1, 999)]
    [InlineData(999, null, 999, 999)]
    [InlineData(10, 19, 10, 19)]
    [InlineData(990, 5000, 990, 999)]
    [InlineData(null, 10, 990, 999)]
    public async Task A_range_comes_as_partial_content(int? from, int? to, int first, int last)
    {
        using var reply = await GetAsync(new RangeHeaderValue(from, to));
        Assert.Equal(HttpStatusCode.PartialContent, reply.StatusCode);
        Assert.Equal($"bytes {first}-{last}/1000", reply.Content.Headers.ContentRange?.ToString());
        Assert.Equal(Content[first..(last + 1)], await reply.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(5000)]
    public async Task A_range_behind_the_end_is_not_satisfiable_and_tells_the_length(int from)
    {
        using var reply = await GetAsync(new RangeHeaderValue(from, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, reply.StatusCode);
        Assert.Equal("bytes */1000", reply.Content.Headers.ContentRange?.ToString());
    }

    [Fact]
    public async Task A_file_that_grows_is_served_as_far_as_it_is()
    {
        await using var growing = new FileStream(File, FileMode.Append, FileAccess.Write, FileShare.Read);
        await growing.WriteAsync(Content, Cancel);
        await growing.FlushAsync(Cancel);

        using var reply = await GetAsync(new RangeHeaderValue(1000, null));
        Assert.Equal("bytes 1000-1999/2000", reply.Content.Headers.ContentRange?.ToString());
        Assert.Equal(Content, await reply.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task The_tag_stays_while_the_file_grows_and_is_another_when_the_file_is_written_anew()
    {
        using var first = await GetAsync();
        var tag = Assert.IsType<EntityTagHeaderValue>(first.Headers.ETag);
        await System.IO.File.AppendAllTextAsync(File, "more", Cancel);
        using var grown = await GetAsync(new RangeHeaderValue(1000, null), tag);
        Assert.Equal((HttpStatusCode.PartialContent, tag), (grown.StatusCode, grown.Headers.ETag));

        System.IO.File.Delete(File);
        await System.IO.File.WriteAllBytesAsync(File, Content, Cancel);
        using var anew = await GetAsync(new RangeHeaderValue(900, null), tag);
        Assert.NotEqual(tag, anew.Headers.ETag);
        // What was there of the former one is of no use.
        Assert.Equal((HttpStatusCode.OK, 1000L), (anew.StatusCode, anew.Content.Headers.ContentLength));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(1L, null)]
    [InlineData(1L, Large - 1)]
    public async Task A_file_that_grows_while_it_is_sent_is_sent_as_far_as_it_was(long? from, long? to)
    {
        SetLength(Large);
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(_secret, Name));
        if (from is not null)
            request.Headers.Range = new RangeHeaderValue(from, to);
        using var reply = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        SetLength(2 * Large);
        Assert.Equal(Large - (from ?? 0), await CountAsync(reply));
    }

    [Fact]
    public async Task A_file_that_is_cut_off_while_it_is_sent_breaks_the_connection()
    {
        SetLength(Large);
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(_secret, Name));
        using var reply = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        SetLength(0);
        await Assert.ThrowsAnyAsync<IOException>(() => CountAsync(reply));
    }

    [Fact]
    public async Task An_empty_file_has_no_first_byte()
    {
        await System.IO.File.WriteAllBytesAsync(File, [], Cancel);
        using var whole = await GetAsync();
        Assert.Equal((HttpStatusCode.OK, 0L), (whole.StatusCode, whole.Content.Headers.ContentLength));
        using var range = await GetAsync(new RangeHeaderValue(0, null));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, "bytes */0"), (range.StatusCode, range.Content.Headers.ContentRange?.ToString()));
    }

    [Fact]
    public async Task Head_tells_the_length_without_the_bytes()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, Url(_secret, Name));
        using var reply = await _http.SendAsync(request, Cancel);
        Assert.Equal((HttpStatusCode.OK, 1000L), (reply.StatusCode, reply.Content.Headers.ContentLength));
        Assert.Empty(await reply.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("other.dat.gz")]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("..%2f..%2fsecret.txt")]
    [InlineData("a%5cb")]
    public async Task What_is_not_there_is_not_found(string name)
    {
        await System.IO.File.WriteAllTextAsync(Path.Combine(_server.DownloadFolder, "secret.txt"), "x", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(_server.Url, $"download/node1.example.org/1/{_secret}/{name}")));
    }

    [Fact]
    public async Task Folders_of_other_names_are_not_served()
    {
        foreach (var folder in new[] { "short", _secret.ToUpperInvariant(), "..", "%2e%2e" })
        {
            if (folder is not "%2e%2e" and not "..")
            {
                Directory.CreateDirectory(Path.Combine(_server.DownloadFolder, folder));
                await System.IO.File.WriteAllBytesAsync(Path.Combine(_server.DownloadFolder, folder, Name), Content, Cancel);
            }
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Url(folder, Name)));
        }
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(_server.Url, $"download/other.example.org/1/{_secret}/{Name}")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(_server.Url, $"download/node1.example.org/2/{_secret}/{Name}")));
    }

    private void SetLength(long length)
    {
        using var file = new FileStream(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(length);
    }

    private static async Task<long> CountAsync(HttpResponseMessage reply)
    {
        await using var content = await reply.Content.ReadAsStreamAsync(Cancel);
        var buffer = new byte[1 << 16];
        var sum = 0L;
        while (await content.ReadAsync(buffer, Cancel) is > 0 and var read)
            sum += read;
        return sum;
    }

    private Uri Url(string secret, string name) => new(_server.Url, $"download/node1.example.org/1/{secret}/{name}");

    private async Task<HttpResponseMessage> GetAsync(RangeHeaderValue? range = null, EntityTagHeaderValue? ifRange = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(_secret, Name)) { Headers = { Range = range } };
        if (ifRange is not null)
            request.Headers.IfRange = new RangeConditionHeaderValue(ifRange);
        return await _http.SendAsync(request, Cancel);
    }

    private async Task<HttpStatusCode> StatusAsync(Uri url)
    {
        using var reply = await _http.GetAsync(url, Cancel);
        return reply.StatusCode;
    }
}
