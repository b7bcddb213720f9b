using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>
/// The race of vpsAdmin's status updates, as a model: chains that start and stop a VPS, or fail to, and looks at it, interleaved in every order that there is.
/// After each step, what the database says is compared with what the VPS does.
/// </summary>
public sealed class StatusSequenceTests
{
    private delegate bool Rule(long begun, long now);

    [Fact]
    public void No_order_of_looks_and_operations_makes_the_status_untrue()
    {
        var orders = 0;
        foreach (var order in Orders())
        {
            Assert.Null(new World(StatusSequence.Holds, StatusSequence.IsQuiet).Run(order));
            orders++;
        }
        Assert.True(orders > 10_000, $"Only {orders} orders were tried.");
    }

    [Fact]
    public void Without_the_rule_the_original_race_is_there() =>
        Assert.Contains(Orders(), static order => new World(static (_, _) => true, static _ => true).Run(order) is not null);

    [Fact]
    public void That_no_chain_works_on_it_now_is_not_enough() =>
        // An operation may have begun and ended since the look began.
        Assert.Contains(Orders(), static order => new World(static (_, now) => StatusSequence.IsQuiet(now), StatusSequence.IsQuiet).Run(order) is not null);

    [Fact]
    public void That_the_number_is_the_same_is_not_enough_where_looks_begin_at_any_time() =>
        Assert.Contains(Orders(), static order => new World(static (begun, now) => begun == now, static _ => true).Run(order) is not null);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(4, 5)]
    public void A_chain_takes_it_once(long before, long after) => Assert.Equal(after, StatusSequence.Taken(before));

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public void A_chain_that_ends_settles_it(long before, long after) => Assert.Equal(after, StatusSequence.Settled(before));

    /// <summary>Two operations, one after the other, and two looks beside them, each of three steps.</summary>
    private static IEnumerable<List<string>> Orders()
    {
        foreach (var (first, second) in new[] { ("start", "stop"), ("start", "fail"), ("fail", "start") })
        {
            string[] operations = [$"take {first}", $"do {first}", $"end {first}", $"take {second}", $"do {second}", $"end {second}"];
            foreach (var order in Interleave(operations, Interleave(["begin a", "look a", "write a"], [["begin b", "look b", "write b"]])))
                yield return order;
        }
    }

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

    /// <summary>A VPS, its node and its row.</summary>
    private sealed class World(Rule holds, Func<long, bool> mayBegin)
    {
        private readonly Dictionary<string, (long Sequence, bool? Seen)> _looks = [];
        private bool _runs;
        private bool _row;
        private long _sequence;

        /// <returns>What went wrong; null: nothing.</returns>
        public string? Run(IReadOnlyList<string> order)
        {
            foreach (var step in order)
            {
                Do(step.Split(' '));
                // While a chain works on it nobody knows.
                if (StatusSequence.IsQuiet(_sequence) && _row != _runs)
                    return $"{string.Join(", ", order)}: after '{step}' the row says {_row}";
            }
            return null;
        }

        private void Do(string[] step)
        {
            switch (step)
            {
                case ["take", _]:
                    _sequence = StatusSequence.Taken(_sequence);
                    break;
                case ["do", "start" or "stop"]:
                    _runs = step[1] is "start";
                    break;
                case ["do", _]:
                    // It stopped half-way, and is undone before the chain ends.
                    _runs = !_runs;
                    break;
                case ["end", var operation]:
                    if (operation is "fail")
                        _runs = !_runs;
                    else
                        _row = operation is "start";
                    _sequence = StatusSequence.Settled(_sequence);
                    break;
                case ["begin", var look] when mayBegin(_sequence):
                    _looks[look] = (_sequence, null);
                    break;
                case ["look", var look] when _looks.ContainsKey(look):
                    _looks[look] = _looks[look] with { Seen = _runs };
                    break;
                case ["write", var look] when _looks.TryGetValue(look, out var seen) && holds(seen.Sequence, _sequence):
                    _row = seen.Seen!.Value;
                    break;
            }
        }
    }
}
