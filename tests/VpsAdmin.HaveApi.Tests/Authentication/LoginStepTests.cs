using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Scripted;
using static VpsAdmin.HaveApi.Tests.Library;

namespace VpsAdmin.HaveApi.Tests.Authentication;

public sealed class LoginStepTests
{
    private const string RequestPath = "POST /_auth/token/tokens";
    private const string TotpPath = "POST /_auth/token/tokens/totp";
    private const string ResetPath = "POST /_auth/token/tokens/reset_password";

    [Fact]
    public async Task Each_step_is_asked_and_sent_with_the_interim_token_until_the_login_is_complete()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Next("half", "totp")).On(TotpPath, Next("more", "reset_password")).On(ResetPath, Issue("whole"));
        var prompt = new Prompt(
            new() { ["code"] = "123456" },
            new() { ["new_password1"] = "n", ["new_password2"] = "n" });

        using var api = await ConnectAsync(server, Request(prompt));

        Assert.Equal(
            ["""{"token":{"token":"half","code":"123456"}}""", """{"token":{"token":"more","new_password1":"n","new_password2":"n"}}"""],
            server.Received.Where(r => r.Method == "POST").Skip(1).Select(r => r.Body));
        Assert.Equal("whole", ((TokenAuthentication)api.Authentication).Token);
        // An interim token authenticates nothing, and is not tried to.
        Assert.DoesNotContain(server.Received, r => r.Headers.ContainsKey("X-Fixture-Token") && r.Headers["X-Fixture-Token"] != "whole");
    }

    [Fact]
    public async Task A_prompt_is_told_names_labels_and_what_is_secret()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Next("half", "totp")).On(TotpPath, Next("more", "reset_password")).On(ResetPath, Issue("whole"));
        var prompt = new Prompt(new() { ["code"] = "1" }, new() { ["new_password1"] = "n", ["new_password2"] = "n" });

        using var api = await ConnectAsync(server, Request(prompt));

        Assert.Equal(["totp", "reset_password"], prompt.Asked.Select(s => s.Name));
        Assert.Equal([new LoginInput("code", "TOTP code", null, IsSecret: false, IsRequired: true)], prompt.Asked[0].Inputs);
        Assert.Equal([("new_password1", true, true), ("new_password2", true, true), ("hint", false, false)],
            prompt.Asked[1].Inputs.Select(i => (i.Name, i.IsSecret, i.IsRequired)));
    }

    [Fact]
    public async Task A_wrong_code_is_asked_for_again_with_what_the_server_said()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Next("half", "totp")).On(TotpPath, Answer.Refuse(200, "invalid totp code"), Answer.Refuse(400, "invalid totp code"), Issue("whole"));
        var prompt = new Prompt(new() { ["code"] = "1" }, new() { ["code"] = "2" }, new() { ["code"] = "3" });

        using var api = await ConnectAsync(server, Request(prompt));

        Assert.Equal([(1, null), (2, "invalid totp code"), (3, "invalid totp code")], prompt.Asked.Select(s => (s.Attempt, s.Failure)));
        Assert.All(server.Received.Where(r => r.Target.EndsWith("/totp", StringComparison.Ordinal)), r => Assert.Contains("half", r.Body));
    }

    [Fact]
    public async Task Three_wrong_codes_are_enough()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Next("half", "totp")).On(TotpPath, Answer.Refuse(200, "invalid totp code"));
        var prompt = new Prompt([.. Enumerable.Repeat(new Dictionary<string, string> { ["code"] = "1" }, 9)]);

        var e = await Assert.ThrowsAsync<ActionFailedException>(() => ConnectAsync(server, Request(prompt)));

        Assert.Contains("invalid totp code", e.Message);
        Assert.Equal(3, prompt.Asked.Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task A_failure_that_is_not_about_the_code_is_not_asked_again(int status)
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Next("half", "totp")).On(TotpPath, Answer.Refuse(status, "no"));
        var prompt = new Prompt(new() { ["code"] = "1" }, new() { ["code"] = "2" });

        await Assert.ThrowsAsync<ActionFailedException>(() => ConnectAsync(server, Request(prompt)));

        Assert.Single(prompt.Asked);
    }

    [Fact]
    public async Task A_refused_question_ends_the_login()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Next("half", "totp"));

        var e = await Assert.ThrowsAsync<LoginStepRequiredException>(() => ConnectAsync(server, Request(new Prompt())));

        Assert.Equal("totp", e.Step);
        Assert.DoesNotContain(server.Received, r => r.Target.EndsWith("/totp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_step_that_the_server_does_not_describe_ends_the_login()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Next("half", "webauthn"));

        var e = await Assert.ThrowsAsync<LoginStepRequiredException>(() => ConnectAsync(server, Request(new Prompt())));

        Assert.Equal("webauthn", e.Step);
        Assert.Empty(e.Inputs);
    }

    [Fact]
    public async Task A_server_that_goes_on_asking_is_left()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Next("half", "totp")).On(TotpPath, Next("half", "totp"));
        var prompt = new Prompt([.. Enumerable.Repeat(new Dictionary<string, string> { ["code"] = "1" }, 99)]);

        await Assert.ThrowsAsync<ProtocolException>(() => ConnectAsync(server, Request(prompt)));
    }

    [Fact]
    public async Task Credentials_beyond_user_and_password_are_asked_for()
    {
        var description = Protocol2;
        description["authentication"]!["token"]!["resources"]!["token"]!["actions"]!["request"]!["input"]!["parameters"]!["pin"] =
            JsonNode.Parse("""{"type":"String","required":true}""");
        await using var server = await StartAsync(description);
        server.On(RequestPath, Issue("whole"));
        var prompt = new Prompt(new Dictionary<string, string> { ["pin"] = "42" });

        using var api = await ConnectAsync(server, Request(prompt));

        Assert.Equal(("request", "pin"), (prompt.Asked[0].Name, Assert.Single(prompt.Asked[0].Inputs).Name));
        Assert.Contains("\"pin\":\"42\"", server.Received.First(r => r.Method == "POST").Body);
    }

    [Fact]
    public async Task A_scope_is_sent_where_the_server_has_scopes()
    {
        await using var server = await StartAsync();
        server.On(RequestPath, Issue("whole"));

        using var api = await ConnectAsync(
            server, TokenAuthentication.Request("jane", "secret", TokenLifetime.Fixed, TimeSpan.FromMinutes(10), scope: "dataset#index"));

        Assert.Contains("\"scope\":\"dataset#index\"", server.Received.First(r => r.Method == "POST").Body);
        await using var old = await StartOldAsync();
        await Assert.ThrowsAsync<NotDescribedException>(() => ConnectAsync(
            old, TokenAuthentication.Request("jane", "secret", TokenLifetime.Fixed, TimeSpan.FromMinutes(10), scope: "dataset#index")));
    }

    private static TokenAuthentication Request(ILoginPrompt prompt) =>
        TokenAuthentication.Request("jane", "secret", TokenLifetime.RenewableAuto, TimeSpan.FromMinutes(10), prompt);

    private static RequestDelegate Next(string token, string step) => Token(token, false, step);

    private static RequestDelegate Issue(string token) => Token(token, true, null);

    private static RequestDelegate Token(string token, bool complete, string? next) => Answer.Ok(new JsonObject
    {
        ["token"] = new JsonObject { ["token"] = token, ["valid_to"] = "2026-01-01T00:10:00Z", ["complete"] = complete, ["next_action"] = next },
    });

    /// <summary>Gives its answers in turn, then refuses.</summary>
    private sealed class Prompt(params Dictionary<string, string>[] answers) : ILoginPrompt
    {
        public List<LoginStep> Asked { get; } = [];

        public Task<IReadOnlyDictionary<string, string>?> AnswerAsync(LoginStep step, CancellationToken cancel)
        {
            Asked.Add(step);
            return Task.FromResult<IReadOnlyDictionary<string, string>?>(answers.ElementAtOrDefault(Asked.Count - 1));
        }
    }
}
