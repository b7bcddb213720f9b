using VpsAdmin.Server.Chains;

namespace VpsAdmin.Server.Tests.Chains;

public sealed class ChainSignalsTests
{
    [Fact]
    public async Task Nothing_is_kept_for_a_listener_that_has_gone()
    {
        var signals = new ChainSignals();
        using var term = new CancellationTokenSource();
        var waiting = signals.HearWaiting(term.Token);
        signals.Started(1);
        Assert.Equal(1, (await waiting.ReadAsync(TestContext.Current.CancellationToken)).Id);

        await term.CancelAsync();
        signals.Started(2);
        Assert.False(waiting.TryRead(out _));

        using var next = new CancellationTokenSource();
        var again = signals.HearWaiting(next.Token);
        signals.Started(3);
        Assert.Equal(3, (await again.ReadAsync(TestContext.Current.CancellationToken)).Id);
    }
}
