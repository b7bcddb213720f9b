using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Caching;

public sealed class DescriptionCacheTests : CacheTest
{
    [Fact]
    public async Task A_new_process_with_a_saved_token_asks_nothing_but_what_it_is_for()
    {
        await using var server = await StartAsync();
        server.On(Shelves, NoShelves);
        await FillAsync(server);
        var before = server.Received.Count;

        using var api = await OpenAsync(server);
        await CallAsync(api);

        Assert.Equal(["GET /v7.0/shelves"], server.Received.Skip(before).Select(r => r.ToString()));
        Assert.Equal("abc", server.Received[^1].Headers["X-Fixture-Token"]);
        Assert.Equal(("7.0", "2.0"), (api.ApiVersion, api.ProtocolVersion));
    }

    [Fact]
    public async Task Protocol_1_is_kept_as_well()
    {
        await using var server = await StartOldAsync();
        server.On("GET /v2.0/shelves/3/books/44", Answer.Ok("""{"book":{"id":44}}"""));
        await FillAsync(server);
        var before = server.Received.Count;

        using var api = await OpenAsync(server);
        await api.CallAsync("shelf.book#show", [3, 44], null, null, Cancel);

        Assert.Equal("1.0", api.ProtocolVersion);
        Assert.Equal(before + 1, server.Received.Count);
    }

    [Fact]
    public async Task Who_which_version_which_language_and_which_server_are_kept_apart()
    {
        await using var server = await StartAsync();
        await using var other = await StartAsync();
        server.On("OPTIONS /", Answer.Options(JsonNode.Parse("""{"versions":["7.0"],"default":"7.0"}"""), "2.0"));
        var options = Options;
        Task<HaveApiClient>[] connections =
        [
            ConnectAsync(server, options: options), ConnectAsync(server, new BasicAuthentication("jane", "x"), options),
            ConnectAsync(server, new BasicAuthentication("joe", "x"), options), OpenAsync(server), OpenAsync(server, Saved("def")),
            ConnectAsync(server, options: options with { ApiVersion = "7.0" }), ConnectAsync(server, options: options with { Language = "cs" }),
            ConnectAsync(other, options: options),
        ];

        foreach (var api in await Task.WhenAll(connections))
            api.Dispose();

        Assert.Equal(connections.Length, Directory.GetFiles(Folder).Length);
        Assert.All(Directory.GetFiles(Folder), file => Assert.Matches("^[0-9a-f]{32}[.]json$", Path.GetFileName(file)));
    }

    [Fact]
    public async Task Neither_tokens_nor_passwords_are_in_the_files_and_only_the_owner_reads_them()
    {
        await using var server = await StartAsync();
        using var api = await OpenAsync(server, Saved("secret-token"));
        using var basic = await ConnectAsync(server, new BasicAuthentication("jane", "secret-password"), Options);

        foreach (var file in Directory.GetFiles(Folder))
        {
            Assert.DoesNotContain("secret-", await File.ReadAllTextAsync(file, Cancel));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
    }

    [Fact]
    public async Task Without_a_cache_nothing_is_written()
    {
        await using var server = await StartAsync();
        using var api = await ConnectAsync(server, TokenAuthentication.Restore(Saved()));

        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task A_description_ends_by_its_age()
    {
        await using var server = await StartAsync();
        await FillAsync(server);
        Time.Advance(TimeSpan.FromHours(12) + TimeSpan.FromSeconds(1));
        var before = server.Received.Count;

        using var api = await OpenAsync(server);

        Assert.Equal(before + 3, server.Received.Count);
    }

    [Fact]
    public async Task A_description_of_the_future_is_not_believed()
    {
        await using var server = await StartAsync();
        await FillAsync(server);
        var before = server.Received.Count;

        using var api = await ConnectAsync(
            server, TokenAuthentication.Restore(Saved()), Options with { Time = new FakeTimeProvider(Time.GetUtcNow().AddDays(-1)) });

        Assert.Equal(before + 3, server.Received.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("""{"format":1,"format":1}""")]
    [InlineData("""{"format":99}""")]
    [InlineData("""{"format":1,"description":{"resources":{"shelf":null}}}""")]
    [InlineData("torn")]
    [InlineData("foreign")]
    [InlineData("resource-null")]
    [InlineData("bad-path")]
    [InlineData("no-token")]
    public async Task A_file_that_is_not_ours_never_breaks_a_call(string damage)
    {
        await using var server = await StartAsync();
        server.On(Shelves, NoShelves);
        await FillAsync(server);
        var whole = await File.ReadAllTextAsync(CacheFile, Cancel);
        await File.WriteAllTextAsync(CacheFile, damage switch
        {
            "torn" => whole[..(whole.Length / 2)],
            "foreign" => whole.Replace(server.Address.Authority, "elsewhere.example"),
            "resource-null" => Changed(whole, d => d["resources"]!["shelf"]!["actions"]!["index"]!["input"]!["parameters"]!["limit"] = null),
            "bad-path" => Changed(whole, d => d["resources"]!["shelf"]!["actions"]!["index"]!["path"] = "@elsewhere.example/x"),
            "no-token" => Changed(whole, d => d["authentication"]!.AsObject().Remove("token")),
            _ => damage,
        }, Cancel);

        using var api = await OpenAsync(server);
        await CallAsync(api);

        Assert.Equal("GET /v7.0/shelves", server.Last());
        Assert.Equal("abc", server.Received[^1].Headers["X-Fixture-Token"]);
        Assert.Equal(whole, await File.ReadAllTextAsync(CacheFile, Cancel));
    }

    [Fact]
    public async Task A_file_that_is_too_long_is_not_read()
    {
        await using var server = await StartAsync();
        await FillAsync(server);
        var before = server.Received.Count;
        var options = Options;

        using var api = await ConnectAsync(
            server, TokenAuthentication.Restore(Saved()), options with { DescriptionCache = options.DescriptionCache! with { MaxFileBytes = 100 } });

        Assert.Equal(before + 3, server.Received.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_others_could_have_written_is_not_believed(bool folder)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no Unix modes.");
        await using var server = await StartAsync();
        await FillAsync(server);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder ? Folder : CacheFile, (UnixFileMode)Convert.ToInt32("777", 8));
        var before = server.Received.Count;

        using var api = await OpenAsync(server);

        Assert.Equal(before + 3, server.Received.Count);
    }

    [Fact]
    public async Task AFolder_that_cannot_be_made_is_done_without()
    {
        await File.WriteAllTextAsync(Folder, "a file", Cancel);
        await using var server = await StartAsync();
        server.On(Shelves, NoShelves);

        using (var api = await OpenAsync(server))
            await CallAsync(api);

        File.Delete(Folder);
    }

    [Fact]
    public async Task Logging_in_fetches_and_logging_out_drops()
    {
        await using var server = await StartAsync();
        server.On("POST /_auth/token/tokens", Answer.Ok("""{"token":{"token":"abc","valid_to":null,"complete":true}}"""))
            .On("POST /_auth/token/tokens/revoke", Answer.Ok("""{"token":{}}"""));
        using var api = await ConnectAsync(server, TokenAuthentication.Request("jane", "x", TokenLifetime.Permanent, TimeSpan.FromMinutes(1)), Options);
        Assert.Single(Directory.GetFiles(Folder));

        await api.LogoutAsync(Cancel);

        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task A_description_requested_with_the_token_serves_the_process_that_restores_it()
    {
        await using var server = await StartAsync();
        server.On("POST /_auth/token/tokens", Answer.Ok("""{"token":{"token":"abc","valid_to":null,"complete":true}}"""));
        SavedToken? saved = null;
        using (await ConnectAsync(
            server, TokenAuthentication.Request("jane", "x", TokenLifetime.Permanent, TimeSpan.FromMinutes(1), changed: s => saved = s), Options))
        {
        }
        var before = server.Received.Count;

        using var api = await OpenAsync(server, saved!);

        Assert.Equal(before, server.Received.Count);
    }

    [Fact]
    public async Task Files_of_old_logins_are_cleared_away()
    {
        await using var server = await StartAsync();
        using (await OpenAsync(server, Saved("older")))
        {
        }
        var old = Path.Combine(Folder, "0123456789abcdef0123456789abcdef.json");
        await File.WriteAllTextAsync(old, "{}", Cancel);
        File.SetLastWriteTimeUtc(old, Time.GetUtcNow().UtcDateTime.AddDays(-2));

        using var api = await OpenAsync(server);

        Assert.False(File.Exists(old));
    }

    private static string Changed(string file, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(file)!;
        change(json["description"]!);
        return json.ToJsonString();
    }
}
