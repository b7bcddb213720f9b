using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Calls;

public sealed class Protocol1Tests
{
    [Fact]
    public async Task Urls_with_colons_are_filled_in_and_url_params_are_read()
    {
        await using var server = await StartOldAsync();
        server.On("GET /v2.0/shelves/3/books/44", Answer.Ok("""{"book":{"id":44},"_meta":{"url_params":[3,44],"resolved":true}}"""));
        using var api = await ConnectAsync(server);

        var result = await api.CallAsync("shelf.book#find", [3, 44], null, null, Cancel);

        Assert.Equal("GET /v2.0/shelves/3/books/44", server.Last());
        Assert.Equal([3, 44], result.PathIds!);
        Assert.Equal("1.0", api.ProtocolVersion);
    }

    [Fact]
    public async Task Nothing_goes_on_in_the_background()
    {
        await using var server = await StartOldAsync();
        server.On("POST /v2.0/shelves", Answer.Ok("""{"shelf":{"id":1},"_meta":{"action_state_id":5}}"""));
        using var api = await ConnectAsync(server);

        Assert.Null((await api.CallAsync("shelf#create", [], new JsonObject { ["topic"] = "x" }, null, Cancel)).ActionStateId);
    }

    [Fact]
    public async Task Null_is_for_what_is_not_required()
    {
        await using var server = await StartOldAsync();
        server.On("POST /v2.0/shelves", Answer.Ok("""{"shelf":{"id":1}}"""));
        using var api = await ConnectAsync(server);

        await api.CallAsync("shelf#create", [], new JsonObject { ["note"] = null }, null, Cancel);
        await Assert.ThrowsAsync<NotDescribedException>(
            () => api.CallAsync("shelf#create", [], new JsonObject { ["topic"] = null }, null, Cancel));
    }

    [Fact]
    public async Task A_token_is_requested_with_login_and_has_no_steps()
    {
        await using var server = await StartOldAsync();
        server.On("POST /_auth/token/tokens", Answer.Ok("""{"token":{"token":"abc","valid_to":"2026-11-23T04:03:27+0000"}}"""));
        var token = TokenAuthentication.Request("jane", "secret", TokenLifetime.RenewableAuto, TimeSpan.FromMinutes(5));

        using var api = await ConnectAsync(server, token);

        Assert.Equal(
            """POST /_auth/token/tokens {"token":{"login":"jane","password":"secret","lifetime":"renewable_auto","interval":300}}""",
            server.Received[2].ToString());
        Assert.Equal("abc", server.Received[3].Headers["X-Old-Token"]);
        Assert.Equal("abc", token.Token);
    }
}
