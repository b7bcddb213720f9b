using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace VpsAdmin.HaveApi.Wire;

/// <summary>The envelope around every reply (spec/haveapi 3). Success is <see cref="Status"/>, not the HTTP status.</summary>
public sealed record Envelope
{
    /// <summary>Protocol version; only in replies to OPTIONS that succeeded.</summary>
    [JsonPropertyName("version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyOrder(-1)]
    public string? Version { get; init; }

    [JsonPropertyName("status")]
    public required bool Status { get; init; }

    [JsonPropertyName("response")]
    public JsonNode? Response { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }

    /// <summary>Messages by parameter name.</summary>
    [JsonPropertyName("errors")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }
}
