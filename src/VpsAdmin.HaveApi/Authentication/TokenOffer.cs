using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>How a server wants tokens: the header, and the actions to request, renew and revoke them.</summary>
internal sealed record TokenOffer(string Header, IReadOnlyDictionary<string, ActionDescription> Actions)
{
    /// <summary>Headers that frame or route a message, or that this client sets: a token put there would break it, or reach proxies' logs.</summary>
    private static readonly FrozenSet<string> NotForTokens = FrozenSet.ToFrozenSet(
        ["Host", "Connection", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Expect", "Accept", "Accept-Language", "User-Agent"],
        StringComparer.OrdinalIgnoreCase);

    public static TokenOffer Read(ILoginSession session)
    {
        var offer = AuthenticationOffer.Find(session, "token");
        return new TokenOffer(ReadHeader(offer["http_header"]), ReadActions(offer["resources"]));
    }

    /// <exception cref="NotDescribedException"/>
    public ActionDescription Action(string name) => Actions.GetValueOrDefault(name)
        ?? throw new NotDescribedException($"The server's token authentication has no action '{name}'.");

    private static string ReadHeader(JsonNode? node)
    {
        // HttpRequestHeaders knows what a token of RFC 7230 is, and which headers belong to content.
        using var probe = new HttpRequestMessage();
        return node is JsonValue value && value.TryGetValue(out string? name) && !NotForTokens.Contains(name) && probe.Headers.TryAddWithoutValidation(name, "x")
            ? name
            : throw new ProtocolException($"The server wants tokens in a header that cannot carry them: {ServerText.Printable(node?.ToJsonString() ?? "null", 80)}");
    }

    private static IReadOnlyDictionary<string, ActionDescription> ReadActions(JsonNode? resources)
    {
        try
        {
            return (resources as JsonObject)?["token"]?.Deserialize(EnvelopeReader.Strict.ResourceDescription)?.Actions
                ?? throw new ProtocolException("The server does not describe how to request a token.");
        }
        catch (JsonException e)
        {
            throw new ProtocolException($"The server's description of tokens cannot be understood: {ServerText.Printable(e.Message, 300)}", e);
        }
    }
}
