using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>
/// What a node is handed: the input as it was planned, with what was not known then, and with what nobody is shown. A snapshot that an earlier transaction
/// of the chain takes has its name by then.
/// </summary>
internal static partial class TransactionInput
{
    /// <summary>The snapshot's name, or for one that is still to be taken a mark that no snapshot can be named by.</summary>
    public static string NameOf(Snapshot snapshot) => snapshot.Name.EndsWith(Snapshot.Provisional, StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"(snapshot {snapshot.Id})")
        : snapshot.Name;

    public static async Task<JsonNode> CompleteAsync(VpsAdminDb db, Transaction transaction, CancellationToken cancel)
    {
        var input = JsonNode.Parse(transaction.Input)!;
        if (transaction.Secret is not null)
        {
            foreach (var (name, value) in JsonNode.Parse(transaction.Secret)!.AsObject())
                input[name] = value?.DeepClone();
        }
        foreach (var mark in Texts(input).Select(static text => (Node: text, Match: Mark().Match(text.GetValue<string>()))).Where(static m => m.Match.Success).ToList())
        {
            var id = long.Parse(mark.Match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            mark.Node.ReplaceWith(await db.Snapshots.Where(s => s.Id == id).Select(static s => s.Name).SingleAsync(cancel).ConfigureAwait(false));
        }
        return input;
    }

    private static IEnumerable<JsonValue> Texts(JsonNode? node) => node switch
    {
        JsonObject properties => properties.SelectMany(static p => Texts(p.Value)),
        JsonArray items => items.SelectMany(Texts),
        JsonValue value when value.GetValueKind() is System.Text.Json.JsonValueKind.String => [value],
        _ => [],
    };

    [GeneratedRegex(@"\A\(snapshot ([0-9]{1,18})\)\z")]
    private static partial Regex Mark();
}
