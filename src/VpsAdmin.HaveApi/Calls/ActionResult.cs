using System.Text.Json.Nodes;

namespace VpsAdmin.HaveApi;

/// <param name="Response">What stands under the output namespace: an object, an array, or null.</param>
/// <param name="Meta">The <c>_meta</c> beside it.</param>
/// <param name="ActionStateId">Set when the action goes on in the background.</param>
public sealed record ActionResult(JsonNode? Response, JsonObject? Meta, long? ActionStateId)
{
    /// <exception cref="ProtocolException">It is not an object.</exception>
    public JsonObject Object => Response as JsonObject ?? throw new ProtocolException("The server's reply has no object where its description promises one.");

    /// <exception cref="ProtocolException">It is not a list of objects.</exception>
    public IReadOnlyList<JsonObject> List => Response is JsonArray array
        ? [.. array.Select(item => item as JsonObject ?? throw NoList())]
        : throw NoList();

    /// <summary>Ids for the path of the object's own actions; null when the server sent none (spec/haveapi 4).</summary>
    public IReadOnlyList<long>? PathIds => (Meta?["path_params"] ?? Meta?["url_params"]) is JsonArray { Count: > 0 } ids
        && ids.All(id => id is JsonValue value && value.TryGetValue(out long _)) ? [.. ids.Select(id => id!.GetValue<long>())] : null;

    /// <summary>Of an index that was asked to count; null otherwise.</summary>
    public long? TotalCount => Meta?["total_count"] is JsonValue value && value.TryGetValue(out long count) ? count : null;

    private static ProtocolException NoList() => new("The server's reply has no list of objects where its description promises one.");
}
