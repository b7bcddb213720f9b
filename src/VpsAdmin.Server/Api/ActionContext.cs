using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>Who asks.</summary>
/// <param name="Level">At least 90: administrator; at least 21: support.</param>
/// <param name="TokenId">The token that was used; null with basic authentication.</param>
public sealed record Caller(long UserId, string Login, int Level, long? TokenId)
{
    /// <summary>The login that this is a part of; null where logins are not kept.</summary>
    public long? SessionId { get; init; }

    public bool IsAdmin => Level >= 90;

    public bool IsSupport => Level >= 21;

    /// <summary>May look, and use actions that are open to suspended users.</summary>
    public bool IsSuspended { get; init; }

    /// <summary>What the token that was used is good for.</summary>
    public TokenScope Scope { get; init; } = TokenScope.All;
}

/// <summary>Where a call comes from.</summary>
/// <param name="Address">IP address; empty when there is none.</param>
/// <param name="Agent">What the program calls itself, cut to 200 characters; null: it does not say.</param>
public sealed record Client(string Address, string? Agent)
{
    private const int AgentLength = 200;

    internal static Client Of(HttpContext http)
    {
        var agent = http.Request.Headers.UserAgent.ToString();
        return new(http.Connection.RemoteIpAddress?.ToString() ?? "", agent.Length switch { 0 => null, > AgentLength => agent[..AgentLength], _ => agent });
    }
}

/// <summary>A call, its input read and checked.</summary>
/// <param name="pathIds">Ids in the path, left to right.</param>
public sealed class ActionContext(
    IReadOnlyList<long> pathIds, InputValues input, Caller? caller, Client client, bool countRequested, IServiceProvider services, CancellationToken cancel)
{
    /// <summary>Ids in the path, left to right.</summary>
    public IReadOnlyList<long> PathIds { get; } = pathIds;

    public InputValues Input { get; } = input;

    /// <summary>Never null in actions that require login.</summary>
    public Caller Caller => CallerIfAny ?? throw new InvalidOperationException("The action does not require login.");

    /// <summary>Null when nobody has logged in, which only happens in actions that do not require it.</summary>
    public Caller? CallerIfAny { get; } = caller;

    /// <summary>Where the call came from.</summary>
    public Client Client { get; } = client;

    public bool CountRequested { get; } = countRequested;

    /// <summary>Services of the request.</summary>
    public IServiceProvider Services { get; } = services;

    public CancellationToken Cancel { get; } = cancel;
}

/// <summary>Input values by parameter name, of the declared types; defaults filled in.</summary>
public sealed class InputValues(IReadOnlyDictionary<string, object?> values)
{
    /// <summary>True when the client sent it (also as null), or a default was filled in.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Integer, or id of a Resource; null when absent.</summary>
    public long? Integer(string name) => (long?)values.GetValueOrDefault(name);

    public string? Text(string name) => (string?)values.GetValueOrDefault(name);

    public bool? Boolean(string name) => (bool?)values.GetValueOrDefault(name);

    public double? Float(string name) => (double?)values.GetValueOrDefault(name);

    /// <summary>UTC.</summary>
    public DateTimeOffset? Datetime(string name) => (DateTimeOffset?)values.GetValueOrDefault(name);

    public JsonNode? Custom(string name) => (JsonNode?)values.GetValueOrDefault(name);
}
