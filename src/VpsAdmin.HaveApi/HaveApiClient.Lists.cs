using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Calls;

namespace VpsAdmin.HaveApi;

public sealed partial class HaveApiClient
{
    /// <summary>All rows of an index, in as many requests as the server needs for them.</summary>
    /// <param name="first">Only so many; null: all.</param>
    /// <exception cref="ProtocolException">The server's order is one that its paging would skip rows of.</exception>
    public async IAsyncEnumerable<JsonObject> ListAsync(
        string action, IReadOnlyList<string> pathParameters, JsonObject? input, int? first, CallMeta? meta, [EnumeratorCancellation] CancellationToken cancel)
    {
        var rows = new PageWalk(
            async (page, c) => (await CallAsync(action, pathParameters, page, meta, c).ConfigureAwait(false)).List,
            Has(action) ? PagePlan.Of(Describe(action).Input, input, first) : new PagePlan(null, null, null));
        await foreach (var row in rows.RowsAsync(action, input, cancel).ConfigureAwait(false))
            yield return row;
    }
}
