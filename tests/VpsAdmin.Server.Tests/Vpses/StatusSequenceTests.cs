using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>
/// The race of vpsAdmin's status updates, as a model: chains that start, stop and move a VPS, or fail to, and looks at it, interleaved in every order that there is.
/// After each step, what the database says is compared with what the VPS does.
/// </summary>
public sealed class StatusSequenceTests
{
    private delegate bool Rule(long begun, long now);

    /// <summary>Operations, one after the other.</summary>
    public static TheoryData<string, string> Pairs => [.. StatusOrders.Pairs];

    [Fact]
    public void No_order_of_looks_and_operations_makes_the_status_untrue()
    {
        var orders = 0;
        foreach (var order in StatusOrders.All())
        {
            Assert.Null(new World(StatusSequence.Holds, StatusSequence.IsQuiet).Run(order));
            orders++;
        }
        Assert.True(orders > 10_000, $"Only {orders} orders were tried.");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Without_the_rule_the_original_race_is_there(string first, string second) =>
        Assert.Contains(StatusOrders.Of(first, second), static order => new World(static (_, _) => true, static _ => true).Run(order) is not null);

    [Fact]
    public void That_no_chain_works_on_it_now_is_not_enough() =>
        // An operation may have begun and ended since the look began.
        Assert.Contains(StatusOrders.All(), static order => new World(static (_, now) => StatusSequence.IsQuiet(now), StatusSequence.IsQuiet).Run(order) is not null);

    [Fact]
    public void That_the_number_is_the_same_is_not_enough_where_looks_begin_at_any_time() =>
        Assert.Contains(StatusOrders.All(), static order => new World(static (begun, now) => begun == now, static _ => true).Run(order) is not null);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(4, 5)]
    public void A_chain_takes_it_once(long before, long after) => Assert.Equal(after, StatusSequence.Taken(before));

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public void A_chain_that_ends_settles_it(long before, long after) => Assert.Equal(after, StatusSequence.Settled(before));

    /// <summary>A VPS, where it is and whether it runs, and its row.</summary>
    private sealed class World(Rule holds, Func<long, bool> mayBegin)
    {
        private readonly Dictionary<string, (long Sequence, int Node, bool? Seen)> _looks = [];
        private (int Node, bool Runs) _vps;
        private (int Node, bool Runs) _row;
        private (int Node, bool Runs) _before;
        private long _sequence;

        /// <returns>What went wrong; null: nothing.</returns>
        public string? Run(IReadOnlyList<string> order)
        {
            foreach (var step in order)
            {
                Do(step.Split(' '));
                // While a chain works on it nobody knows.
                if (StatusSequence.IsQuiet(_sequence) && _row != _vps)
                    return $"{string.Join(", ", order)}: after '{step}' the row says {_row}";
            }
            return null;
        }

        private void Do(string[] step)
        {
            switch (step)
            {
                case ["take", _]:
                    (_sequence, _before) = (StatusSequence.Taken(_sequence), _vps);
                    break;
                case ["do", var work]:
                    Work(work);
                    break;
                case ["end", var operation]:
                    if (operation is "fail")
                        _vps = _before;
                    if (operation is not ("fail" or "stay"))
                        _row = _vps;
                    _sequence = StatusSequence.Settled(_sequence);
                    break;
                case ["begin", var look] when mayBegin(_sequence):
                    _looks[look] = (_sequence, _row.Node, null);
                    break;
                case ["look", var look] when _looks.TryGetValue(look, out var begun):
                    _looks[look] = begun with { Seen = _vps.Runs && _vps.Node == begun.Node };
                    break;
                case ["write", var look] when _looks.TryGetValue(look, out var seen) && holds(seen.Sequence, _sequence):
                    _row.Runs = seen.Seen!.Value;
                    break;
            }
        }

        private void Work(string work) => _vps = work switch
        {
            "start" => _vps with { Runs = true },
            "stop" or "leave" => _vps with { Runs = false },
            "fail" => _vps with { Runs = !_vps.Runs },
            "arrive" => (1 - _before.Node, _before.Runs),
            _ => _before,
        };
    }
}
