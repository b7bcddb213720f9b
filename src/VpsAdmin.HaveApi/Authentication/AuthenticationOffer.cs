using System.Collections.Frozen;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Http;

namespace VpsAdmin.HaveApi.Authentication;

internal static class AuthenticationOffer
{
    /// <summary>Headers that frame or route a message, or that this client sets: a token put there would break it, or reach proxies' logs.</summary>
    private static readonly FrozenSet<string> NotForTokens = FrozenSet.ToFrozenSet(
        ["Host", "Connection", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Expect", "Accept", "Accept-Language", "User-Agent"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>What the server describes about an authentication method.</summary>
    /// <exception cref="NotDescribedException">It does not offer it.</exception>
    public static JsonObject Find(ILoginSession session, string method)
    {
        var offers = session.Description.Authentication;
        return offers.GetValueOrDefault(method) ?? throw new NotDescribedException(offers.Count == 0
            ? $"The server offers no authentication, and so not '{method}'."
            : $"The server does not offer authentication by '{method}'; it offers {string.Join(", ", offers.Keys)}.");
    }

    /// <summary>The header that a server wants tokens in.</summary>
    public static string Header(JsonNode? node)
    {
        // HttpRequestHeaders knows what a token of RFC 7230 is, and which headers belong to content.
        using var probe = new HttpRequestMessage();
        return node is JsonValue value && value.TryGetValue(out string? name) && !NotForTokens.Contains(name) && probe.Headers.TryAddWithoutValidation(name, "x")
            ? name
            : throw new ProtocolException($"The server wants tokens in a header that cannot carry them: {ServerText.Printable(node?.ToJsonString() ?? "null", 80)}");
    }
}
