using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Client;

/// <summary>A login of a user.</summary>
/// <param name="AuthType">basic, token or oauth2.</param>
/// <param name="TokenFragment">The beginning of the token, to tell sessions apart.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ClosedAt">UTC; null while it is open.</param>
public sealed record UserSession(
    long Id, Reference? User, string? Label, string? AuthType, string? ClientAddress, string? UserAgent, string? Scope, string? TokenFragment,
    DateTimeOffset? CreatedAt, DateTimeOffset? LastRequestAt, DateTimeOffset? ClosedAt);

public sealed partial class VpsAdminClient
{
    /// <summary>Newest first. The server lists them in pages; they are all fetched, or the <paramref name="first"/> ones.</summary>
    public async Task<IReadOnlyList<UserSession>> ListUserSessionsAsync(int? first, CancellationToken cancel)
    {
        var sessions = new List<UserSession>();
        await foreach (var row in Api.ListAsync("user_session#index", [], null, first, null, cancel).ConfigureAwait(false))
            sessions.Add(ResourceReader.UserSession(Reader("user_session#index", row)));
        return sessions;
    }

    /// <summary>Ends a session: its token is refused from then on.</summary>
    public Task CloseUserSessionAsync(long id, CancellationToken cancel) => Api.CallAsync("user_session#close", [id], null, null, cancel);
}

internal static partial class ResourceReader
{
    public static UserSession UserSession(ObjectReader json) => new(
        json.Id("id"),
        Reference(json, "user"),
        json.OptionalText("label", ShortText),
        json.OptionalName("auth_type", ShortText),
        json.OptionalText("client_ip_addr", ShortText),
        json.OptionalText("user_agent", ShortText),
        json.OptionalText("scope", LongText),
        json.OptionalText("token_fragment", ShortText),
        json.OptionalTime("created_at"),
        json.OptionalTime("last_request_at"),
        json.OptionalTime("closed_at"));
}
