using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Plans;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Plans;

public sealed class PlannedChainsTests : IAsyncLifetime
{
    private readonly PassingTime _time = new(new DateTimeOffset(2026, 6, 14, 1, 5, 0, TimeSpan.Zero));
    private readonly WarningsOnly _log = new();
    private RunningServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_is_locked_is_tried_again_until_it_is_free()
    {
        var tries = 0;
        Assert.Equal(2, await StartAsync(TimeSpan.FromDays(1), Planned("one", () => ++tries < 3 ? throw ActionRefusedException.Locked(7, "Backup") : 8), Planned("other", static () => 9)));
        Assert.Equal(3, tries);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task What_is_locked_until_the_plans_next_time_is_left_and_told()
    {
        var tries = 0;
        var began = _time.GetUtcNow();
        Assert.Equal(1, await StartAsync(TimeSpan.FromMinutes(10), Planned("dataset 1 to pool 2", () => ++tries > 0 ? throw ActionRefusedException.Locked(7, "Backup") : 8), Planned("other", static () => 9)));
        Assert.True(tries > 1);
        Assert.True(_time.GetUtcNow() - began >= TimeSpan.FromMinutes(10));
        Assert.Contains("dataset 1 to pool 2", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_for_another_reason_or_fails_is_not_tried_again()
    {
        var tries = 0;
        Assert.Equal(0, await StartAsync(
            TimeSpan.FromDays(1), Planned("one", () => ++tries > 0 ? throw ActionRefusedException.NotFound() : 8), Planned("other", () => ++tries > 0 ? throw new InvalidOperationException() : 9)));
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task One_whose_answer_took_too_long_costs_no_other_its_turn()
    {
        Assert.Equal(1, await StartAsync(TimeSpan.FromDays(1), Planned("one", static () => throw new TaskCanceledException("a broker's patience")), Planned("other", static () => 9)));
    }

    [Fact]
    public async Task One_that_has_nothing_to_do_keeps_no_other_of_its_dataset_waiting()
    {
        var began = _time.GetUtcNow();
        Assert.Equal(1, await StartAsync(TimeSpan.FromDays(1), Planned("one", static () => null, inPool: 1), Planned("other", static () => 9, inPool: 1)));
        Assert.Equal(began, _time.GetUtcNow());
    }

    private static PlannedChain<ChainSignals> Planned(string subject, Func<long?> start, long? inPool = null) => new(subject, inPool, _ => Task.FromResult(start()));

    private Task<int> StartAsync(TimeSpan patience, params PlannedChain<ChainSignals>[] planned) => _server.QueryAsync(
        db => new PlannedChains(db, _server.Services.GetRequiredService<IServiceScopeFactory>(), _time, _log).StartAsync(planned, _time.GetUtcNow() + patience, Cancel));

    /// <summary>Whoever waits has waited.</summary>
    private sealed class PassingTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _ = Task.Run(() => Advance(dueTime));
            return timer;
        }
    }

    private sealed class WarningsOnly : ILogger<PlannedChains>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Lines.Enqueue(formatter(state, exception));
        }
    }
}
