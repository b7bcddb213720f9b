using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

internal sealed record IssuedToken(string Value, DateTimeOffset? ValidTo);

/// <summary>Asks for a token with user and password.</summary>
internal sealed class TokenRequest(string user, string password, TokenLifetime lifetime, TimeSpan interval)
{
    public TokenLifetime Lifetime { get; } = lifetime;

    public TimeSpan Interval { get; } = interval;

    public async Task<IssuedToken> SendAsync(ILoginSession session, TokenOffer offer, CancellationToken cancel)
    {
        var action = offer.Action("request");
        var reply = (await session.CallAsync(action, Input(action), authenticated: false, cancel).ConfigureAwait(false)).Object;
        var reader = new ObjectReader("token", reply);

        // Protocol 1.x has no steps and does not say so.
        if (reader.OptionalBoolean("complete") ?? true)
            return new IssuedToken(Value(reply["token"]), reader.OptionalTime("valid_to"));
        var step = reader.Name("next_action", 100);
        throw new LoginStepRequiredException(step, StepInputs(offer, step));
    }

    /// <summary>Credentials are what the action takes beside lifetime and interval: the user is <c>login</c> in protocol 1.x.</summary>
    private JsonObject Input(ActionDescription action)
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
        var unknown = described.Where(p => p.Value is { Required: true } && !input.ContainsKey(p.Key)).Select(p => p.Key).ToList();
        return unknown.Count == 0
            ? input
            : throw new NotDescribedException($"The server wants more than user and password for a token: {string.Join(", ", unknown)}.");
    }

    private static IReadOnlyList<string> StepInputs(TokenOffer offer, string step) =>
        [.. offer.Actions.GetValueOrDefault(step)?.Input?.Parameters.Keys.Where(name => name != "token") ?? []];

    /// <summary>Checked without <see cref="ObjectReader"/>, whose messages show the value.</summary>
    private static string Value(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? token) && TokenAuthentication.CanBeSent(token)
            ? token
            : throw new ProtocolException("The server sent a token that cannot be sent back in a header.");
}
