using System.Text.Json.Serialization;
using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.Client.Connections;

/// <summary>The file as JSON has it: anything may be missing or wrong.</summary>
internal sealed record StoredFile
{
    public int Version { get; init; }

    public string? Default { get; init; }

    public IReadOnlyList<StoredConnection?>? Connections { get; init; }
}

internal sealed record StoredConnection
{
    private const int MaxToken = 4096;
    private const int MaxText = 255;
    private const double MaxInterval = 86400;

    public string? Name { get; init; }

    public string? Uri { get; init; }

    public string? User { get; init; }

    public long UserId { get; init; }

    public string? Token { get; init; }

    public string? Vault { get; init; }

    public StoredTerms? Terms { get; init; }

    public StoredOAuth? OAuth { get; init; }

    public static StoredConnection From(SavedConnection connection) => new()
    {
        Name = connection.Name,
        Uri = connection.Uri.AbsoluteUri,
        User = connection.User,
        UserId = connection.UserId,
        Token = connection.Token,
        Vault = connection.Vault,
        Terms = connection.Terms is { } terms
            ? new StoredTerms { Lifetime = terms.Lifetime, Seconds = terms.Interval.TotalSeconds, IssuedAt = terms.IssuedAt, ValidTo = terms.ValidTo }
            : null,
        OAuth = connection.OAuth is { } oauth
            ? new StoredOAuth
            {
                ClientId = oauth.Client.ClientId,
                ClientSecret = oauth.Client.ClientSecret,
                TrustedOrigins = [.. oauth.Client.TrustedOrigins.Select(o => o.AbsoluteUri)],
                Id = oauth.Id,
                RefreshToken = oauth.RefreshToken,
                IssuedAt = oauth.IssuedAt,
                ExpiresAt = oauth.ExpiresAt,
            }
            : null,
    };

    /// <exception cref="FormatException"/>
    public SavedConnection Read()
    {
        if (!ConnectionName.IsValid(Name))
            throw new FormatException("A connection has no name, or one that is none.");
        if (Terms is not null && OAuth is not null)
            throw Wrong("terms");
        return new SavedConnection(
            Name!, Address(Uri, "uri"), Text(User, "user"), UserId, AccessToken(), Vault is null ? null : Text(Vault, "vault"), ReadTerms(), ReadOAuth());
    }

    /// <summary>A record would print the token.</summary>
    public override string ToString() => nameof(StoredConnection);

    private string? AccessToken() => (Token, Vault) switch
    {
        (null, not null) => null,
        (not null, null) => Secret(Token, "token"),
        _ => throw Wrong("token"),
    };

    private SavedTerms? ReadTerms() => Terms switch
    {
        null => null,
        { Lifetime: { } lifetime, Seconds: >= 1 and <= MaxInterval and var seconds, IssuedAt: { } issued } when Enum.IsDefined(lifetime) =>
            new SavedTerms(lifetime, TimeSpan.FromSeconds(seconds), issued.ToUniversalTime(), Terms.ValidTo?.ToUniversalTime()),
        _ => throw Wrong("terms"),
    };

    private SavedOAuth? ReadOAuth()
    {
        if (OAuth is not { } stored)
            return null;
        if (stored is not { Id: { } id, IssuedAt: { } issued } || Vault is not null)
            throw Wrong("oAuth");
        var client = new OAuthClient(Text(stored.ClientId, "oAuth.clientId"), stored.ClientSecret is null ? null : Secret(stored.ClientSecret, "oAuth.clientSecret"))
        {
            TrustedOrigins = [.. (stored.TrustedOrigins ?? []).Select(o => Address(o, "oAuth.trustedOrigins"))],
        };
        return new SavedOAuth(client, id, stored.RefreshToken is null ? null : Secret(stored.RefreshToken, "oAuth.refreshToken"),
            issued.ToUniversalTime(), stored.ExpiresAt?.ToUniversalTime());
    }

    private Uri Address(string? text, string field) =>
        System.Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == System.Uri.UriSchemeHttp || uri.Scheme == System.Uri.UriSchemeHttps) && uri.Host.Length > 0 && uri.UserInfo.Length == 0
            ? uri
            : throw Wrong(field);

    private string Secret(string text, string field) =>
        text is { Length: > 0 and <= MaxToken } && text.All(c => c is > ' ' and < '\x7f') ? text : throw Wrong(field);

    private string Text(string? text, string field) =>
        text is { Length: > 0 and <= MaxText } && !text.Any(char.IsControl) ? text : throw Wrong(field);

    private FormatException Wrong(string field) => new($"The {field} of connection '{Name}' is missing or cannot be right.");
}

internal sealed record StoredTerms
{
    public TokenLifetime? Lifetime { get; init; }

    public double? Seconds { get; init; }

    public DateTimeOffset? IssuedAt { get; init; }

    public DateTimeOffset? ValidTo { get; init; }
}

internal sealed record StoredOAuth
{
    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public IReadOnlyList<string?>? TrustedOrigins { get; init; }

    public Guid? Id { get; init; }

    public string? RefreshToken { get; init; }

    public DateTimeOffset? IssuedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A record would print the tokens.</summary>
    public override string ToString() => nameof(StoredOAuth);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(StoredFile))]
internal sealed partial class StoredJson : JsonSerializerContext;
