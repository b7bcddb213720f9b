namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>
/// Chains that start, stop and move a VPS, or fail to, one after the other, and looks at it beside them, in every order that there is: each order is a list of steps.
/// </summary>
internal static class StatusOrders
{
    private static readonly Dictionary<string, string[]> Operations = new()
    {
        ["start"] = ["take start", "do start", "end start"],
        ["stop"] = ["take stop", "do stop", "end stop"],
        // It stops half-way, and is undone before the chain ends.
        ["fail"] = ["take fail", "do fail", "end fail"],
        // It stands still, and then it is on the other node.
        ["move"] = ["take move", "do leave", "do arrive", "end move"],
        // It does not start there, and does where it was.
        ["stay"] = ["take stay", "do leave", "do return", "end stay"],
    };

    public static (string First, string Second)[] Pairs { get; } = [("start", "stop"), ("start", "fail"), ("fail", "start"), ("start", "move"), ("move", "start"), ("start", "stay")];

    public static IEnumerable<List<string>> All() => Pairs.SelectMany(static pair => Of(pair.First, pair.Second));

    /// <summary>Two operations, one after the other, and two looks beside them, each of three steps.</summary>
    public static IEnumerable<List<string>> Of(string first, string second) =>
        Interleave([.. Operations[first], .. Operations[second]], Interleave(["begin a", "look a", "write a"], [["begin b", "look b", "write b"]]));

    private static IEnumerable<List<string>> Interleave(IReadOnlyList<string> one, IEnumerable<IReadOnlyList<string>> others) =>
        others.SelectMany(other => Merge(one, 0, other, 0)).Select(static order => order.ToList());

    private static IEnumerable<IEnumerable<string>> Merge(IReadOnlyList<string> a, int i, IReadOnlyList<string> b, int j)
    {
        if (i == a.Count && j == b.Count)
            return [[]];
        var first = i < a.Count ? Merge(a, i + 1, b, j).Select(rest => rest.Prepend(a[i])) : [];
        var second = j < b.Count ? Merge(a, i, b, j + 1).Select(rest => rest.Prepend(b[j])) : [];
        return first.Concat(second);
    }
}
