using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Authentication;

public sealed class SavedTokenTests
{
    private const string RequestPath = "POST /_auth/token/tokens";
    private const string RenewPath = "POST /_auth/token/tokens/renew";
    private const string RevokePath = "POST /_auth/token/tokens/revoke";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_token_that_was_issued_is_told_with_all_that_a_later_process_needs()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("abc"));
        var told = new List<SavedToken>();
        var token = TokenAuthentication.Request("jane", "secret", TokenLifetime.RenewableManual, TimeSpan.FromMinutes(10), changed: told.Add);

        using var api = await ConnectAsync(server, token, new HaveApiClientOptions { Time = new FakeTimeProvider(Start) });

        var saved = new SavedToken("abc", TokenLifetime.RenewableManual, TimeSpan.FromMinutes(10), Start, Start.AddMinutes(10));
        Assert.Equal([saved], told);
        Assert.Equal(saved, token.Saved);
        Assert.DoesNotContain("abc", saved.ToString());
    }

    [Fact]
    public async Task A_restored_token_is_renewed_before_it_ends_and_told_again()
    {
        await using var server = await StartAsync();
        server.On(RenewPath, Answer.Ok("""{"token":{"valid_to":"2026-01-01T00:18:00Z"}}""")).On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));
        var told = new List<SavedToken>();
        var time = new FakeTimeProvider(Start.AddMinutes(8));

        using var api = await ConnectAsync(server, TokenAuthentication.Restore(Saved(TokenLifetime.RenewableManual), told.Add), new HaveApiClientOptions { Time = time });
        Assert.DoesNotContain(server.Received, r => r.Method == "POST");
        await api.CallAsync("shelf#index", [], null, null, Cancel);

        Assert.Equal("abc", Assert.Single(server.Received, r => r.Method == "POST").Headers["X-Fixture-Token"]);
        Assert.Equal([new SavedToken("abc", TokenLifetime.RenewableManual, TimeSpan.FromMinutes(10), Start.AddMinutes(8), Start.AddMinutes(18))], told);
    }

    [Theory]
    [InlineData(TokenLifetime.Fixed)]
    [InlineData(TokenLifetime.RenewableAuto)]
    [InlineData(TokenLifetime.Permanent)]
    public async Task A_restored_token_that_nobody_renews_is_just_used(TokenLifetime lifetime)
    {
        await using var server = await StartAsync();
        server.On("GET /v7.0/shelves", Answer.Refuse(401, "Action requires user to authenticate"));
        using var api = await ConnectAsync(
            server, TokenAuthentication.Restore(Saved(lifetime)), new HaveApiClientOptions { Time = new FakeTimeProvider(Start.AddDays(30)) });

        Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => api.CallAsync("shelf#index", [], null, null, Cancel))).IsUnauthorized);
        Assert.DoesNotContain(server.Received, r => r.Method == "POST");
    }

    [Fact]
    public async Task A_restored_token_that_cannot_be_renewed_is_tried_to_once()
    {
        await using var server = await StartAsync();
        server.On(RenewPath, Answer.Refuse(200, "unable to renew token")).On("GET /v7.0/shelves", Answer.Ok("""{"shelves":[]}"""));
        using var api = await ConnectAsync(
            server, TokenAuthentication.Restore(Saved(TokenLifetime.RenewableManual)), new HaveApiClientOptions { Time = new FakeTimeProvider(Start.AddMinutes(9)) });

        await api.CallAsync("shelf#index", [], null, null, Cancel);
        await api.CallAsync("shelf#index", [], null, null, Cancel);

        Assert.Single(server.Received, r => r.Method == "POST");
    }

    [Fact]
    public async Task Logging_out_revokes_a_restored_token()
    {
        await using var server = await StartAsync();
        server.On(RevokePath, Answer.Ok("""{"token":{}}"""));
        using var api = await ConnectAsync(server, TokenAuthentication.Restore(Saved(TokenLifetime.Permanent)));

        await api.LogoutAsync(Cancel);

        Assert.Equal("abc", Assert.Single(server.Received, r => r.Method == "POST").Headers["X-Fixture-Token"]);
    }

    [Fact]
    public async Task A_connection_that_fails_does_not_revoke_a_restored_token()
    {
        await using var server = await StartAsync();
        server.On(RevokePath, Answer.Ok("""{"token":{}}""")).On("OPTIONS /v7.0/", Answer.Options(Protocol2, "2.0"), Answer.Text(502, "text/html", "gone"));

        await Assert.ThrowsAsync<ApiUnreachableException>(() => ConnectAsync(server, TokenAuthentication.Restore(Saved(TokenLifetime.Permanent))));

        Assert.DoesNotContain(server.Received, r => r.Method == "POST");
    }

    [Fact]
    public void A_token_that_a_header_cannot_carry_is_not_restored() =>
        Assert.Throws<ArgumentException>(() => TokenAuthentication.Restore(Saved(TokenLifetime.Fixed) with { Token = "a\r\nb" }));

    private static SavedToken Saved(TokenLifetime lifetime) => new("abc", lifetime, TimeSpan.FromMinutes(10), Start, Start.AddMinutes(10));

    private static RequestDelegate Issue(string token) => Answer.Ok(new JsonObject
    {
        ["token"] = new JsonObject { ["token"] = token, ["valid_to"] = "2026-01-01T00:10:00Z", ["complete"] = true, ["next_action"] = null },
    });
}
