using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>How an index is asked for all its rows. Pure.</summary>
/// <param name="Size">Rows to a page; null: no limit is sent.</param>
/// <param name="Cursor"><c>from_id</c>, <c>offset</c>, or null: one request is all there is.</param>
/// <param name="Most">Rows that are wanted; null: all.</param>
internal sealed record PagePlan(int? Size, string? Cursor, int? Most)
{
    /// <summary>HaveAPI allows no more since 0.28; what came before takes it.</summary>
    private const int LargestPage = 1000;

    /// <summary>
    /// Without a limit servers send everything, and in one piece it comes whole: vpsAdmin sorts datasets by name while from_id goes by id, so that
    /// pages of them skip rows. Only where a server fills in a limit of its own, which it describes as the default, pages are needed.
    /// </summary>
    /// <param name="input">What the caller asks for: one who pages by hand is not helped.</param>
    public static PagePlan Of(ParametersDescription? described, JsonObject? input, int? first)
    {
        var limit = described?.Parameters.GetValueOrDefault("limit");
        if (limit is null || input?.ContainsKey("limit") == true || input?.ContainsKey("from_id") == true || input?.ContainsKey("offset") == true)
            return new PagePlan(null, null, first);
        var largest = Math.Min(LargestPage, Largest(limit) ?? LargestPage);
        if (!IsFilled(limit))
            return first <= largest ? new PagePlan(first, null, first) : new PagePlan(null, null, first);
        var cursor = described!.Parameters.ContainsKey("from_id") ? "from_id" : described.Parameters.ContainsKey("offset") ? "offset" : null;
        return new PagePlan(Math.Min(first ?? largest, largest), cursor, first);
    }

    private static bool IsFilled(ParameterDescription limit) => limit.Default is JsonValue value && value.TryGetValue(out long number) && number > 0;

    private static int? Largest(ParameterDescription limit) =>
        limit.Validators?["number"] is JsonObject number && number["max"] is JsonValue max && max.TryGetValue(out int most) && most > 0 ? most : null;
}
