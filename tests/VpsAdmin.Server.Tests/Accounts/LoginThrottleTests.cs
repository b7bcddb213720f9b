using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Tests.Accounts;

public sealed class LoginThrottleTests
{
    private const string Here = "192.0.2.1";

    private readonly FakeTimeProvider _time = new();
    private readonly LoginThrottle _throttle;

    public LoginThrottleTests() => _throttle = new LoginThrottle(_time);

    [Fact]
    public void After_some_failures_one_has_to_wait_longer_each_time()
    {
        for (var i = 0; i < 4; i++) _throttle.Failed("joe", Here);
        _throttle.Check("joe", Here);
        foreach (var seconds in new[] { 2, 4, 8, 16 })
        {
            _throttle.Failed("joe", Here);
            Assert.Equal((429, TimeSpan.FromSeconds(seconds)), Refused("joe", Here));
            _time.Advance(TimeSpan.FromSeconds(seconds));
            _throttle.Check("joe", Here);
        }

        for (var i = 0; i < 20; i++) _throttle.Failed("joe", Here);
        Assert.Equal((429, TimeSpan.FromMinutes(5)), Refused("joe", Here));
    }

    [Fact]
    public void Nobody_is_locked_out_by_somebody_elsewhere()
    {
        for (var i = 0; i < 40; i++) _throttle.Failed("joe", Here);
        _throttle.Check("joe", "192.0.2.2");
        _throttle.Check("ann", Here);
    }

    [Fact]
    public void Many_accounts_from_one_network_count_for_the_network()
    {
        for (var i = 0; i < 50; i++) _throttle.Failed($"user{i}", $"2001:db8::{i:x}");
        Assert.Equal(429, Refused("joe", "2001:db8::ffff").Status);
        _throttle.Check("joe", "2001:db8:0:1::1");
    }

    [Fact]
    public void A_success_and_half_an_hour_forgive()
    {
        for (var i = 0; i < 4; i++) _throttle.Failed("joe", Here);
        _throttle.Succeeded("joe", Here);
        for (var i = 0; i < 4; i++) _throttle.Failed("joe", Here);
        _throttle.Check("joe", Here);
        _time.Advance(TimeSpan.FromMinutes(31));
        _throttle.Failed("joe", Here);
        _throttle.Check("joe", Here);
    }

    [Fact]
    public async Task Those_that_come_at_once_are_counted_like_those_in_turn()
    {
        var evaluated = 0;
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(async () =>
        {
            try
            {
                using var attempt = await _throttle.BeginAsync("joe", Here, TestContext.Current.CancellationToken);
                Interlocked.Increment(ref evaluated);
                await Task.Yield();
                _throttle.Failed("joe", Here);
            }
            catch (ActionRefusedException)
            {
                Interlocked.Increment(ref refused);
            }
        })));
        Assert.Equal((5, 55), (evaluated, refused));
    }

    [Fact]
    public async Task Nobody_waits_for_another_account_or_for_somebody_elsewhere()
    {
        using var here = await _throttle.BeginAsync("joe", Here, TestContext.Current.CancellationToken);
        using var ann = await _throttle.BeginAsync("ann", Here, TestContext.Current.CancellationToken);
        using var elsewhere = await _throttle.BeginAsync("joe", "192.0.2.2", TestContext.Current.CancellationToken);
        var second = _throttle.BeginAsync("joe", Here, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        here.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public void However_many_try_the_memory_stays_bounded_and_the_latest_are_kept()
    {
        for (var i = 0; i < 30_000; i++)
        {
            _throttle.Failed("joe", $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        for (var i = 0; i < 5; i++) _throttle.Failed("joe", Here);
        Assert.Equal(429, Refused("joe", Here).Status);
    }

    private (int Status, TimeSpan? Wait) Refused(string login, string address)
    {
        var refusal = Assert.Throws<ActionRefusedException>(() => _throttle.Check(login, address));
        return (refusal.HttpStatus, refusal.RetryAfter);
    }
}
