using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>Goes through the pages of an index. Ends also where the server does not notice what it is asked for.</summary>
internal sealed class PageWalk(Func<JsonObject?, CancellationToken, Task<IReadOnlyList<JsonObject>>> ask, PagePlan plan)
{
    private readonly HashSet<string> _seen = [];
    private int _rows;
    private long? _last;
    private int _direction;

    public async IAsyncEnumerable<JsonObject> RowsAsync(string action, JsonObject? input, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var page = await ask(Input(input), cancel).ConfigureAwait(false);
            var before = _rows;
            foreach (var row in page)
            {
                // A page that was sent again: from_id is unknown to old servers and offset to new ones, and neither says so.
                if (plan.Cursor is not null && !_seen.Add(row["id"]?.ToJsonString() ?? row.ToJsonString()))
                    continue;
                if (_rows == plan.Most)
                    yield break;
                _rows++;
                yield return row;
            }
            if (plan.Cursor is null || page.Count < plan.Size || _rows == before || _rows == plan.Most)
                yield break;
            if (plan.Cursor == "from_id")
                Advance(action, page);
        }
    }

    private JsonObject? Input(JsonObject? input)
    {
        if (plan.Size is not { } size)
            return input;
        var page = input?.DeepClone().AsObject() ?? [];
        page["limit"] = size;
        if (plan.Cursor == "offset" && _rows > 0)
            page["offset"] = _rows;
        if (plan.Cursor == "from_id" && _last is { } last)
            page["from_id"] = last;
        return page;
    }

    /// <summary>The server goes on behind an id: rows whose ids are not in order would be left out.</summary>
    private void Advance(string action, IReadOnlyList<JsonObject> page)
    {
        foreach (var row in page)
        {
            if (row["id"] is not JsonValue value || !value.TryGetValue(out long id))
                throw new ProtocolException($"The server lists {action} in pages by id, and sent a row without one.");
            var direction = _last is { } last ? id.CompareTo(last) : 0;
            if (direction != 0 && _direction != 0 && direction != _direction)
                throw new ProtocolException($"The server lists {action} in pages by id and not in the order of ids: rows would be left out. Ask for fewer rows.");
            if (direction != 0)
                _direction = direction;
            _last = id;
        }
    }
}
