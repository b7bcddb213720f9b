using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Http;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>Where a server's OAuth2 provider is, and where its access tokens go.</summary>
/// <param name="Header">Null: <c>Authorization: Bearer</c>.</param>
/// <param name="Revoke">Null where tokens cannot be revoked.</param>
internal sealed record OAuthOffer(string? Header, Uri Authorize, Uri Token, Uri? Revoke)
{
    /// <exception cref="UntrustedOriginException"/>
    public static OAuthOffer Read(ILoginSession session, IReadOnlyList<Uri> trusted)
    {
        var offer = AuthenticationOffer.Find(session, "oauth2");
        return new OAuthOffer(
            offer["http_header"] is { } header ? AuthenticationOffer.Header(header) : null,
            Endpoint(session.BaseUri, offer, "authorize", trusted) ?? throw Missing("authorize"),
            Endpoint(session.BaseUri, offer, "token", trusted) ?? throw Missing("token"),
            Endpoint(session.BaseUri, offer, "revoke", trusted));
    }

    /// <summary>The absolute address, or the path below the API's own.</summary>
    private static Uri? Endpoint(Uri baseUri, JsonObject offer, string name, IReadOnlyList<Uri> trusted)
    {
        var text = Text(offer[$"{name}_url"])
            ?? (Text(offer[$"{name}_path"]) is { } path ? baseUri.GetLeftPart(UriPartial.Path).TrimEnd('/') + path : null);
        if (text is null)
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint) || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps)
            || endpoint.UserInfo.Length > 0 || endpoint.Fragment.Length > 0)
            throw new ProtocolException($"The server's {name} endpoint is not a web address: '{ServerText.Printable(text, 100)}'.");
        return trusted.Append(baseUri).Any(origin => IsSameOrigin(origin, endpoint)) ? endpoint : throw new UntrustedOriginException(endpoint);
    }

    private static bool IsSameOrigin(Uri a, Uri b) =>
        Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    private static ProtocolException Missing(string name) => new($"The server offers OAuth2 without an {name} endpoint.");
}
