using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using VpsAdmin.Node.Handlers;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

/// <summary>Work that is undone before it has ended.</summary>
public sealed class CalledOffTests : IAsyncLifetime
{
    private readonly InProcessBus _bus = new();
    private readonly HeldHandler _handler = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _working = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        // No transaction of these tests may start a program.
        var zfs = new ZfsHost(new ZfsHostOptions(Program: "/nonexistent/zfs"));
        _working = new NodeWorker(_bus.Inbox(1), zfs, [new("general", 1), new("rollback", 6)], TimeProvider.System, [_handler]).RunAsync(_stop.Token);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _working;
        _stop.Dispose();
    }

    [Fact]
    public async Task Work_is_stopped_and_has_cleaned_up_before_it_is_undone()
    {
        await _bus.DispatchAsync(1, Work(1), Cancel);
        await _handler.Begun.WaitAsync(Cancel);
        await _bus.DispatchAsync(1, Undo(1), Cancel);

        await ReportsAsync(2);
        Assert.Equal(["begin 1", "stop 1", "undo 1"], _handler.Log);
    }

    [Fact]
    public async Task Work_that_waits_for_its_turn_is_never_begun()
    {
        await _bus.DispatchAsync(1, Work(1), Cancel);
        await _handler.Begun.WaitAsync(Cancel);
        await _bus.DispatchAsync(1, Work(2), Cancel);
        await _bus.DispatchAsync(1, Undo(2), Cancel);
        var undone = Assert.Single(await ReportsAsync(1));
        Assert.Equal((2, true, true), (undone.TransactionId, undone.Success, undone.Rollback));

        _handler.Release();
        var rest = await ReportsAsync(2);
        Assert.Equal([(1, true, false), (2, false, false)], rest.Select(static r => (r.TransactionId, r.Success, r.Rollback)).Order());
        Assert.Equal(["begin 1", "undo 2", "end 1"], _handler.Log);
    }

    [Fact]
    public async Task Work_that_comes_behind_its_undoing_is_never_begun()
    {
        await _bus.DispatchAsync(1, Undo(1), Cancel);
        await ReportsAsync(1);
        await _bus.DispatchAsync(1, Work(1), Cancel);
        Assert.False(Assert.Single(await ReportsAsync(1)).Success);
        Assert.Equal(["undo 1"], _handler.Log);
    }

    [Fact]
    public async Task After_a_database_was_put_back_work_of_a_number_that_was_undone_before_is_begun()
    {
        await _bus.DispatchAsync(1, Undo(1) with { Nonce = "before" }, Cancel);
        await ReportsAsync(1);
        await _bus.DispatchAsync(1, Work(1) with { Nonce = "after" }, Cancel);
        await _handler.Begun.WaitAsync(Cancel);
        _handler.Release();
        var finished = Assert.Single(await ReportsAsync(1));
        Assert.Equal((true, "after"), (finished.Success, finished.Nonce));
    }

    private static TransactionMessage Work(long id) => new(id, 1, TransactionType.SendMail, Rollback: false, "general", new JsonObject());

    private static TransactionMessage Undo(long id) => Work(id) with { Rollback = true, Queue = "rollback" };

    private async Task<IReadOnlyList<TransactionFinished>> ReportsAsync(int count)
    {
        var reports = new List<TransactionFinished>();
        await foreach (var nodeEvent in _bus.EventsAsync(Cancel))
        {
            reports.Add(Assert.IsType<TransactionFinished>(nodeEvent));
            if (reports.Count == count)
                break;
        }
        return reports;
    }

    /// <summary>Works until it is released or cancelled.</summary>
    private sealed class HeldHandler : ITransactionHandler
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TransactionType Type => TransactionType.SendMail;

        public ConcurrentQueue<string> Log { get; } = new();

        public Task Begun => _begun.Task;

        public void Release() => _released.SetResult();

        public async Task<JsonNode?> ExecuteAsync(TransactionMessage message, CancellationToken cancel)
        {
            Log.Enqueue($"begin {message.Id}");
            _begun.TrySetResult();
            try
            {
                await _released.Task.WaitAsync(cancel);
                Log.Enqueue($"end {message.Id}");
                return null;
            }
            catch (OperationCanceledException)
            {
                Log.Enqueue($"stop {message.Id}");
                throw;
            }
        }

        public Task RollbackAsync(TransactionMessage message, CancellationToken cancel)
        {
            Log.Enqueue($"undo {message.Id}");
            return Task.CompletedTask;
        }
    }
}
