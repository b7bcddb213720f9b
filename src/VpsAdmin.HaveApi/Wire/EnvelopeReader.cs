using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace VpsAdmin.HaveApi.Wire;

/// <summary>Bytes from a server to an <see cref="Envelope"/>.</summary>
internal static class EnvelopeReader
{
    /// <summary>Null is refused where the protocol has none.</summary>
    public static HaveApiJson Strict { get; } = new(new JsonSerializerOptions { RespectNullableAnnotations = true });

    /// <exception cref="JsonException">It is not an envelope.</exception>
    public static Envelope Read(ReadOnlyMemory<byte> json)
    {
        RefuseBrokenText(json.Span);
        // The serializer would take a key said twice inside of "response" and fail when somebody looks at it.
        var node = JsonNode.Parse(json.Span, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        if (node is not JsonObject envelope || envelope["status"] is not JsonValue status || !status.TryGetValue(out bool success))
            throw new JsonException("It has no status.");
        return new Envelope
        {
            Version = Text(envelope["version"]),
            Status = success,
            Response = envelope["response"],
            Message = Text(envelope["message"]),
            Errors = Errors(envelope["errors"] as JsonObject ?? []),
        };
    }

    /// <summary>Servers send lists of texts; one text alone is understood as well.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Errors(JsonObject errors) => errors.ToDictionary(
        error => error.Key,
        error => (IReadOnlyList<string>)[.. (error.Value as JsonArray ?? Enumerable.Repeat(error.Value, 1)).Select(Text).OfType<string>()]);

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>
    /// JsonNode decodes strings when they are looked at, and throws InvalidOperationException for bytes that are not UTF-8 and for
    /// escapes of half a surrogate pair. Decoding them once, here, makes every later look safe.
    /// </summary>
    /// <exception cref="JsonException"/>
    public static void RefuseBrokenText(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw new JsonException("It is not UTF-8.");
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    reader.GetString();
            }
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("It has text that is not Unicode.", e);
        }
    }
}
