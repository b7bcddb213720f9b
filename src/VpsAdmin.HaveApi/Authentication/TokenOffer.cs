using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Authentication;

/// <summary>How a server wants tokens: the header, and the actions to request, renew and revoke them.</summary>
internal sealed record TokenOffer(string Header, IReadOnlyDictionary<string, ActionDescription> Actions)
{
    public static TokenOffer Read(ILoginSession session)
    {
        var offer = AuthenticationOffer.Find(session, "token");
        return new TokenOffer(AuthenticationOffer.Header(offer["http_header"]), ReadActions(offer["resources"]));
    }

    /// <exception cref="NotDescribedException"/>
    public ActionDescription Action(string name) => Actions.GetValueOrDefault(name)
        ?? throw new NotDescribedException($"The server's token authentication has no action '{name}'.");

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
