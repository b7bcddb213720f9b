using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests;

public sealed class ConnectTests
{
    [Fact]
    public async Task Connecting_asks_for_versions_then_for_the_description_of_the_default()
    {
        await using var server = await StartAsync();

        using var api = await ConnectAsync(server);

        Assert.Equal(["OPTIONS /?describe=versions", "OPTIONS /v7.0/"], server.Received.Select(r => r.ToString()));
        Assert.Equal(("7.0", "2.0"), (api.ApiVersion, api.ProtocolVersion));
        Assert.Equal(server.Address, api.BaseUri);
        Assert.True(api.Has("shelf.book#show"));
        Assert.False(api.Has("shelf.page#show"));
    }

    [Fact]
    public async Task With_credentials_it_is_described_again_as_the_user_sees_it()
    {
        var anonymous = Protocol2;
        anonymous["resources"] = new JsonObject();
        await using var server = await StartAsync();
        server.On("OPTIONS /v7.0/", Answer.Options(anonymous, "2.0"), Answer.Options(Protocol2, "2.0"));

        using var api = await ConnectAsync(server, new BasicAuthentication("jane", "pässword"));

        Assert.Equal(3, server.Received.Count);
        Assert.False(server.Received[1].Headers.ContainsKey("Authorization"));
        Assert.Equal("Basic amFuZTpww6Rzc3dvcmQ=", server.Received[2].Headers["Authorization"]);
        Assert.True(api.Has("shelf#index"));
    }

    [Fact]
    public async Task Requests_say_what_they_accept_who_asks_and_in_which_language()
    {
        await using var server = await StartAsync();

        using var api = await ConnectAsync(server, options: new HaveApiClientOptions(UserAgent: "Librarian/1.2 (night shift)", Language: "cs"));

        Assert.All(server.Received, request =>
        {
            Assert.Equal("application/json", request.Headers["Accept"]);
            Assert.Equal("Librarian/1.2 (night shift)", request.Headers["User-Agent"]);
            Assert.Equal("cs", request.Headers["Accept-Language"]);
        });
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/api/")]
    [InlineData("/deep/er/")]
    public async Task The_path_of_the_base_address_is_kept(string prefix)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Describe(Protocol2, "7.0", "2.0", prefix.TrimEnd('/'))
            .On($"GET {prefix.TrimEnd('/')}/v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));

        using var api = await HaveApiClient.ConnectAsync(new Uri(server.Address, prefix), new NoAuthentication(), null, null, Cancel);
        await api.CallAsync("shelf#index", [], null, null, Cancel);

        Assert.Equal($"GET {prefix.TrimEnd('/')}/v7.0/shelves", server.Last());
    }

    [Fact]
    public async Task A_version_can_be_chosen_and_may_be_a_number()
    {
        await using var server = await StartAsync();
        server.On("OPTIONS /", Answer.Options(JsonNode.Parse("""{"versions":[1,"7.0"],"default":1}"""), "2.0"))
            .On("OPTIONS /v1/", Answer.Options(Protocol2, "2.0"));

        using var newest = await ConnectAsync(server, options: new HaveApiClientOptions(ApiVersion: "7.0"));
        using var usual = await ConnectAsync(server);

        Assert.Equal("7.0", newest.ApiVersion);
        Assert.Equal("1", usual.ApiVersion);
    }

    [Fact]
    public async Task A_version_that_the_server_lacks_is_refused_with_those_it_has()
    {
        await using var server = await StartAsync();

        var e = await Assert.ThrowsAsync<ProtocolException>(() => ConnectAsync(server, options: new HaveApiClientOptions(ApiVersion: "6.0")));

        Assert.Equal("The server has no API version 6.0; it has 7.0.", e.Message);
    }

    [Theory]
    [InlineData("""{"versions":["../admin"],"default":"../admin"}""")]
    [InlineData("""{"versions":["7.0"],"default":"7.0/?x="}""")]
    [InlineData("""{"versions":["7.0"],"default":null}""")]
    [InlineData("""{"versions":[{}],"default":"7.0"}""")]
    [InlineData("""{"default":"7.0"}""")]
    [InlineData("[]")]
    public async Task A_version_that_is_not_one_is_refused(string versions)
    {
        await using var server = await StartAsync();
        server.On("OPTIONS /", Answer.Options(JsonNode.Parse(versions), "2.0"));

        await Assert.ThrowsAsync<ProtocolException>(() => ConnectAsync(server));
    }

    [Theory]
    [InlineData("3.0")]
    [InlineData("0.9")]
    [InlineData("20.1")]
    [InlineData(null)]
    public async Task Another_major_protocol_is_refused(string? protocol)
    {
        await using var server = await StartAsync();
        server.On("OPTIONS /", Answer.Options(JsonNode.Parse("""{"versions":["7.0"],"default":"7.0"}"""), protocol));

        var e = await Assert.ThrowsAsync<ProtocolException>(() => ConnectAsync(server));

        Assert.Contains(protocol ?? "before protocol 1.0", e.Message);
    }

    [Fact]
    public async Task A_refused_description_says_why_though_it_has_no_version()
    {
        await using var server = await StartAsync();
        server.On("OPTIONS /v7.0/", Answer.Refuse(401, "Action requires user to authenticate"));

        Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => ConnectAsync(server))).IsUnauthorized);
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.2")]
    [InlineData("2.0")]
    [InlineData("2.7")]
    public async Task Minor_versions_of_the_two_protocols_are_spoken(string protocol)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Describe(Protocol2, "7.0", protocol);

        using var api = await ConnectAsync(server);

        Assert.Equal(protocol, api.ProtocolVersion);
    }

    [Theory]
    [InlineData("""{"resources":[]}""")]
    [InlineData("""{"resources":{"shelf":null}}""")]
    [InlineData("""{"resources":{"shelf":{"actions":{"index":null}}}}""")]
    [InlineData("""{"resources":{"shelf":{"actions":{"index":{"aliases":null}}}}}""")]
    [InlineData("""{"resources":{"shelf":{"actions":{"index":{"aliases":[null]}}}}}""")]
    [InlineData("""{"resources":{"shelf":{"actions":{"index":{"method":5}}}}}""")]
    [InlineData("null")]
    public async Task A_description_of_another_shape_is_refused(string description)
    {
        await using var server = await StartAsync();
        server.On("OPTIONS /v7.0/", Answer.Options(JsonNode.Parse(description), "2.0"));

        await Assert.ThrowsAsync<ProtocolException>(() => ConnectAsync(server));
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("http://jane:secret@127.0.0.1/")]
    [InlineData("http://127.0.0.1/?x=1")]
    public async Task An_address_that_no_api_has_is_the_callers_error(string address)
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(
            () => HaveApiClient.ConnectAsync(new Uri(address), new NoAuthentication(), null, null, Cancel));

        Assert.DoesNotContain("secret", e.Message);
    }

    [Fact]
    public async Task A_method_of_authentication_that_the_server_lacks_is_refused_with_those_it_has()
    {
        var description = Protocol2;
        description["authentication"]!.AsObject().Remove("basic");
        await using var server = await StartAsync(description);

        var e = await Assert.ThrowsAsync<NotDescribedException>(() => ConnectAsync(server, new BasicAuthentication("jane", "secret")));

        Assert.Equal("The server does not offer authentication by 'basic'; it offers oauth2, token.", e.Message);
    }
}
