using System.Text.Json.Nodes;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Accounts;

/// <summary>Logins through a browser (OAuth2), where a server has them.</summary>
internal interface IAccessTokens
{
    /// <returns>Null when the token is unknown, expired or revoked, or its session was closed.</returns>
    Task<Caller?> VerifyAsync(string accessToken, CancellationToken cancel);
}

/// <summary>What clients are told of them (spec/haveapi 7).</summary>
/// <param name="Describe">Resolved when somebody asks: the server's own address is in it.</param>
internal sealed record OAuthOffer(Func<JsonObject> Describe);
