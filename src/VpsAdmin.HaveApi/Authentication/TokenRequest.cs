using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

internal sealed record IssuedToken(string Value, DateTimeOffset? ValidTo);

/// <summary>Asks for a token with user and password.</summary>
internal sealed class TokenRequest(string user, string password, TokenLifetime lifetime, TimeSpan interval, ILoginPrompt? prompt, string? scope)
{
    public TokenLifetime Lifetime { get; } = lifetime;

    public TimeSpan Interval { get; } = interval;

    public async Task<IssuedToken> SendAsync(ILoginSession session, TokenOffer offer, CancellationToken cancel)
    {
        var action = offer.Action("request");
        var steps = new LoginSteps(session, offer, prompt);
        var input = await InputAsync(steps, action, cancel).ConfigureAwait(false);
        var reply = await session.CallAsync(action, input, authenticated: false, cancel).ConfigureAwait(false);
        return await steps.CompleteAsync(reply.Object, cancel).ConfigureAwait(false);
    }

    /// <summary>Credentials are what the action takes beside lifetime and interval: the user is <c>login</c> in protocol 1.x.</summary>
    private async Task<JsonObject> InputAsync(LoginSteps steps, ActionDescription action, CancellationToken cancel)
    {
        var described = action.Input?.Parameters ?? new Dictionary<string, ParameterDescription>();
        var input = new JsonObject
        {
            [described.ContainsKey("user") ? "user" : "login"] = user,
            ["password"] = password,
            ["lifetime"] = Lifetime switch
            {
                TokenLifetime.Fixed => "fixed",
                TokenLifetime.RenewableManual => "renewable_manual",
                TokenLifetime.RenewableAuto => "renewable_auto",
                _ => "permanent",
            },
            ["interval"] = (long)Interval.TotalSeconds,
        };
        if (scope is not null)
            input["scope"] = scope;
        var unknown = described.Where(p => p.Value is { Required: true } && !input.ContainsKey(p.Key)).Select(p => p.Key).ToList();
        if (unknown.Count == 0)
            return input;
        string[] known = [.. input.Select(p => p.Key), "scope"];
        foreach (var (name, value) in await steps.AskAsync("request", action, known, 1, null, cancel).ConfigureAwait(false))
            input[name] = value;
        return input;
    }
}
