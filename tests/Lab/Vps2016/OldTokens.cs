using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace VpsAdmin.Lab.Vps2016;

/// <summary>Basic and token authentication of HaveAPI 0.5: <c>login</c>, no steps, <c>valid_to</c> with a zone without colon.</summary>
internal sealed class OldTokens
{
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Token> _tokens = new();

    public OldTokens(TimeProvider time)
    {
        _time = time;
        OldParameter[] request =
        [
            new("login", Required: true), new("password", Required: true),
            new("lifetime", Required: true, Choices: ["fixed", "renewable_manual", "renewable_auto", "permanent"]), new("interval", "Integer", Default: "300"),
        ];
        Actions =
        [
            new("token", "request", "POST", "/_auth/token/tokens", request, [new("token"), new("valid_to", "Datetime")], Request) { Auth = false },
            new("token", "renew", "POST", "/_auth/token/tokens/renew", [], [new("valid_to", "Datetime")], Renew),
            new("token", "revoke", "POST", "/_auth/token/tokens/revoke", [], [], Revoke),
        ];
    }

    public IReadOnlyList<OldAction> Actions { get; }

    public void Forget() => _tokens.Clear();

    public bool Accepts(HttpRequest request, string? token)
    {
        if (OldInput.Basic(request) is { } basic)
            return basic == (OldVpsAdmin.Login, OldVpsAdmin.Password);
        if (token is null || !_tokens.TryGetValue(token, out var found) || found.ValidTo <= _time.GetUtcNow())
            return false;
        if (found.Lifetime == "renewable_auto")
            _tokens[token] = found with { ValidTo = _time.GetUtcNow() + found.Interval };
        return true;
    }

    private JsonObject Request(OldCall call)
    {
        if ((call.Text("login"), call.Text("password")) != (OldVpsAdmin.Login, OldVpsAdmin.Password))
            throw new OldFailure("bad login or password");
        var interval = TimeSpan.FromSeconds(call.Integer("interval")!.Value);
        var lifetime = call.Text("lifetime")!;
        var value = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(50));
        var token = new Token(lifetime, interval, lifetime == "permanent" ? null : _time.GetUtcNow() + interval);
        _tokens[value] = token;
        return new JsonObject { ["token"] = value, ["valid_to"] = Text(token.ValidTo) };
    }

    private JsonObject Renew(OldCall call)
    {
        // Basic authentication has no token to renew.
        if (call.Token is not { } value || !_tokens.TryGetValue(value, out var token) || !token.Lifetime.StartsWith("renewable", StringComparison.Ordinal))
            throw new OldFailure("");
        token = token with { ValidTo = _time.GetUtcNow() + token.Interval };
        _tokens[value] = token;
        return new JsonObject { ["valid_to"] = Text(token.ValidTo) };
    }

    private JsonObject Revoke(OldCall call)
    {
        _tokens.TryRemove(call.Token ?? "", out _);
        return [];
    }

    private static string? Text(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss'+0000'", CultureInfo.InvariantCulture);

    private sealed record Token(string Lifetime, TimeSpan Interval, DateTimeOffset? ValidTo);
}
