using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VpsAdmin.HaveApi.Http;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

internal sealed record DescribedVersion(ApiDescription Description, ActionIndex Actions, string ApiVersion, string ProtocolVersion);

/// <summary>Asks a server what it speaks and what it offers.</summary>
internal sealed partial class Describer(ApiTransport transport)
{
    /// <param name="wanted">Null: the server's default.</param>
    public async Task<string> ChooseVersionAsync(string? wanted, CancellationToken cancel)
    {
        var (_, response) = await OptionsAsync("/?describe=versions", null, cancel).ConfigureAwait(false);
        if (response is not JsonObject { } versions || versions["versions"] is not JsonArray offered)
            throw new ProtocolException("The server does not say which API versions it has.");
        var names = offered.Select(Version).ToList();
        if (wanted is null)
            return Version(versions["default"]);
        return names.Contains(wanted)
            ? wanted
            : throw new ProtocolException($"The server has no API version {wanted}; it has {string.Join(", ", names)}.");
    }

    /// <param name="authenticate">Null: as anybody sees it.</param>
    public async Task<DescribedVersion> DescribeAsync(string version, Action<HttpRequestMessage>? authenticate, CancellationToken cancel)
    {
        // The slash at the end matters: without it the route does not exist.
        var (protocol, response) = await OptionsAsync($"/v{version}/", authenticate, cancel).ConfigureAwait(false);
        try
        {
            var description = response.Deserialize(EnvelopeReader.Strict.ApiDescription)
                ?? throw new ProtocolException($"The server describes nothing under version {version}.");
            return new DescribedVersion(description, new ActionIndex(description), version, protocol);
        }
        catch (JsonException e)
        {
            throw new ProtocolException($"The server's description of version {version} cannot be understood: {ServerText.Printable(e.Message, 300)}", e);
        }
    }

    /// <summary>There is no negotiation: the server says what it speaks, majors are incompatible (spec/haveapi 11).</summary>
    public static bool IsSpoken(string protocol) =>
        protocol is "1" or "2" || protocol.StartsWith("1.", StringComparison.Ordinal) || protocol.StartsWith("2.", StringComparison.Ordinal);

    /// <summary>An opaque token, fit for a path.</summary>
    public static bool IsVersion(string text) => PathSegment().IsMatch(text);

    private async Task<(string Protocol, JsonNode? Response)> OptionsAsync(
        string path, Action<HttpRequestMessage>? authenticate, CancellationToken cancel)
    {
        var request = new ApiRequest($"OPTIONS {path}", HttpMethod.Options, path);
        var reply = await transport.SendAsync(request, authenticate, TimeSpan.Zero, cancel).ConfigureAwait(false);
        var response = ResultReader.Success(request.Name, reply);
        return (SpokenProtocol(reply.Envelope.Version), response);
    }

    private static string SpokenProtocol(string? version)
    {
        if (version is null)
            throw new ProtocolException("The server does not say which HaveAPI protocol it speaks; servers before protocol 1.0 are not supported.");
        return IsSpoken(version)
            ? version
            : throw new ProtocolException($"The server speaks HaveAPI protocol {ServerText.Printable(version, 20)}; this client speaks 1.x and 2.x.");
    }

    /// <summary>A number on some servers.</summary>
    private static string Version(JsonNode? node)
    {
        var text = node is JsonValue && node.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? node.ToString() : "";
        return IsVersion(text)
            ? text
            : throw new ProtocolException($"The server names an API version that is not one: '{ServerText.Printable(node?.ToJsonString() ?? "null", 40)}'.");
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*\z")]
    private static partial Regex PathSegment();
}
