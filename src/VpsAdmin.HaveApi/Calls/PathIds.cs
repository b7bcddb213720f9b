using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>Ids that go into paths, and ids that servers say go into paths. Pure.</summary>
internal static class PathIds
{
    public static IReadOnlyList<string> Text(IReadOnlyList<long> ids) => [.. ids.Select(id => id.ToString(CultureInfo.InvariantCulture))];

    /// <summary>
    /// The path of an object: what the server says, if it is as long as the object's paths are. Since HaveAPI 0.28 it says nothing when an action is blocking,
    /// before 0.8 it leaves the parents out of lists (spec/haveapi 4); then it is the parents that were called with, and the object's id.
    /// </summary>
    /// <param name="meta">Of the object.</param>
    /// <param name="called">Ids that the action was called with.</param>
    /// <param name="length">How many ids lead to such an object.</param>
    /// <returns>Null when it cannot be known.</returns>
    public static IReadOnlyList<string>? Of(JsonObject target, JsonObject? meta, IReadOnlyList<string> called, int length)
    {
        if (Read(meta) is { } said && said.Count == length)
            return said;
        if (called.Count == length)
            return called;
        return called.Count == length - 1 && Id(target["id"]) is { } id ? [.. called, id] : null;
    }

    /// <summary>Named <c>url_params</c> in protocol 1.x. Null when there are none, or one of them is null.</summary>
    public static IReadOnlyList<string>? Read(JsonObject? meta)
    {
        if ((meta?["path_params"] ?? meta?["url_params"]) is not JsonArray { Count: > 0 } said)
            return null;
        var ids = said.Select(Id).OfType<string>().ToList();
        return ids.Count == said.Count ? ids : null;
    }

    private static string? Id(JsonNode? node) => node?.GetValueKind() is JsonValueKind.Number or JsonValueKind.String ? node.ToString() : null;
}
