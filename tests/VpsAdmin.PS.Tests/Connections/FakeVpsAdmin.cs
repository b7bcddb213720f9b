using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Scripted;

namespace VpsAdmin.PS.Tests.Connections;

/// <summary>A scripted vpsAdmin that issues tokens, wants them, and ends them; a second factor when it is told to.</summary>
internal sealed class FakeVpsAdmin : IAsyncDisposable
{
    private const string Header = "X-Token";
    private readonly ConcurrentDictionary<string, bool> _valid = new();
    private int _issued;

    private FakeVpsAdmin(ScriptedServer server) => Server = server;

    public ScriptedServer Server { get; }

    public string Address => Server.Address.AbsoluteUri;

    /// <summary>The code that it wants after the password; null: none.</summary>
    public string? SecondFactor { get; set; }

    /// <summary>Requests for new tokens that came.</summary>
    public IReadOnlyList<string> Logins => [.. Server.Received.Where(r => r is { Method: "POST", Target: "/_auth/token/tokens" }).Select(r => r.Body)];

    public IReadOnlyList<string> Revoked => [.. Server.Received.Where(r => r.Target == "/_auth/token/tokens/revoke").Select(r => r.Headers[Header])];

    public IReadOnlyList<string> ValidTokens => [.. _valid.Keys];

    /// <summary>Calls of the API proper, each with the token that it came with.</summary>
    public IReadOnlyList<(string Call, string? Token)> Calls =>
        [.. Server.Received.Where(r => r.Method != "OPTIONS" && r.Target.StartsWith("/v7.0/", StringComparison.Ordinal)).Select(r => (r.ToString(), r.Headers.GetValueOrDefault(Header)))];

    public static async Task<FakeVpsAdmin> StartAsync()
    {
        var description = Fixture.Read("vpsadmin-7.json");
        description["authentication"] = Fixture.Read("token.json");
        var fake = new FakeVpsAdmin((await ScriptedServer.StartAsync()).Describe(description, "7.0", "2.0"));
        fake.Server
            .On("POST /_auth/token/tokens", context => fake.Issue(complete: fake.SecondFactor is null)(context))
            .On("POST /_auth/token/tokens/totp", fake.CheckCodeAsync)
            .On("POST /_auth/token/tokens/revoke", fake.RevokeAsync)
            .On("GET /v7.0/users/current", fake.Private("""{"user":{"id":3,"login":"jane","full_name":"Jane","level":1}}"""))
            .On("GET /v7.0/vpses", fake.Private("""{"vpses":[]}"""));
        return fake;
    }

    /// <summary>A token of somebody else's making.</summary>
    public string MakeToken()
    {
        var token = $"made-elsewhere-{Interlocked.Increment(ref _issued)}";
        _valid[token] = true;
        return token;
    }

    public void End(string token) => _valid.TryRemove(token, out _);

    /// <summary>An answer for those who have a valid token.</summary>
    public RequestDelegate Private(string response) => context =>
        (_valid.ContainsKey(context.Request.Headers[Header].ToString()) ? Answer.Ok(response) : Answer.Refuse(401, "Authentication required"))(context);

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    private RequestDelegate Issue(bool complete)
    {
        var token = $"{(complete ? "issued" : "interim")}-secret-{Interlocked.Increment(ref _issued)}";
        if (complete)
            _valid[token] = true;
        return Answer.Ok(new JsonObject
        {
            ["token"] = new JsonObject { ["token"] = token, ["valid_to"] = null, ["complete"] = complete, ["next_action"] = complete ? null : "totp" },
        });
    }

    private async Task CheckCodeAsync(HttpContext context)
    {
        var given = Server.Received[^1].Body;
        await (given.Contains($"\"code\":\"{SecondFactor}\"", StringComparison.Ordinal) ? Issue(complete: true) : Answer.Refuse(200, "invalid totp code"))(context);
    }

    private async Task RevokeAsync(HttpContext context)
    {
        var isValid = _valid.TryRemove(context.Request.Headers[Header].ToString(), out _);
        await (isValid ? Answer.Ok("""{"token":{}}""") : Answer.Refuse(401, "Authentication required"))(context);
    }
}
