using VpsAdmin.Lab.Http;

namespace VpsAdmin.Transfer.Tests.Pump;

/// <summary>Where a file is fetched from: addresses of the API, redirects, and what no other server is told.</summary>
public sealed class AddressTests : TransferTest
{
    [Fact]
    public async Task BUG_28_port_and_query_of_the_address_are_kept()
    {
        Server.Content = Bytes(1000);
        Export.Finally = () => Export.Ready() with { Url = new Uri(Server.Url + "?key=a%2Fb&x=1") };
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal("?key=a%2Fb&x=1", Assert.Single(Server.Requests).Query);
    }

    [Fact]
    public async Task A_redirect_on_the_same_server_is_followed()
    {
        Server.Content = Bytes(1000);
        Server.Script(FileAction.Redirect("/elsewhere/file.gz"), FileAction.Serve);
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal("/elsewhere/file.gz", Server.Requests[^1].Path);
    }

    [Fact]
    public async Task A_redirect_to_another_server_is_followed_and_tells_it_nothing()
    {
        Server.Content = Bytes(1000);
        await using var mirror = await ScriptedFileServer.StartAsync(Cancel);
        mirror.Content = Server.Content;
        Server.Script(FileAction.Redirect(mirror.Url.AbsoluteUri));
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(["accept-encoding", "host"], Assert.Single(mirror.Requests).Headers.Keys.Order());
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/secret")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://jane:secret@127.0.0.1/x")]
    public async Task A_redirect_away_from_the_web_or_with_a_password_is_refused(string location)
    {
        Server.Content = Bytes(1000);
        Server.Script(FileAction.Redirect(location));
        await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        Server.Script(Enumerable.Repeat(FileAction.Redirect("/again"), 50));
        await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
        Assert.Equal(6, Server.Requests.Count);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/x")]
    public async Task An_address_that_is_not_http_is_refused(string url)
    {
        Export.Finally = () => Export.Ready([]) with { Url = new Uri(url) };
        await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
    }

    [Fact]
    public async Task An_address_of_http_is_refused_where_the_api_is_reached_by_https()
    {
        var export = new ScriptedExport(Server) { IsEncrypted = true };
        export.Finally = () => export.Ready([]) with { Url = new Uri("http://files.example.org/secret") };
        var error = await FailAsync(() => SaveAsync(export: export), TransferFailure.BadResponse);
        Assert.Contains("files.example.org by http, though the API is reached by https: refused", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, export.Reads);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task On_this_machine_nobody_is_in_between()
    {
        Server.Content = Bytes(1000);
        await SaveAsync(export: new ScriptedExport(Server) { IsEncrypted = true });
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public void Credentials_are_never_sent_to_the_file()
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Basic", "x");
        Assert.Throws<ArgumentException>(() => new SnapshotTransfer(http, Options, Time));
    }
}
