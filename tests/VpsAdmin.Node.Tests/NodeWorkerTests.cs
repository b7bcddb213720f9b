using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

public sealed class NodeWorkerTests
{
    /// <summary>No transaction of these tests may start a program.</summary>
    private readonly ZfsHost _noZfs = new(new ZfsHostOptions(Program: "/nonexistent/zfs"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_queue_of_one_works_in_order_and_never_on_two_at_once()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var inbox = new HeldInbox(Messages("zfs_send", 5));
        var working = new NodeWorker(inbox, _noZfs, [new QueueLimit("zfs_send", 1)], TimeProvider.System).RunAsync(stop.Token);

        for (long id = 1; id <= 5; id++)
        {
            var report = await inbox.NextAsync(Cancel);
            Assert.Equal(id, report.Event.TransactionId);
            Assert.Equal(1, inbox.MostAtOnce);
            report.Release();
        }
        await stop.CancelAsync();
        await working;
        Assert.Equal(1, inbox.MostAtOnce);
    }

    [Fact]
    public async Task A_queue_works_on_as_many_as_it_may_and_other_queues_do_not_wait_for_it()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var inbox = new HeldInbox([.. Messages("general", 8), .. Messages("zfs_send", 1, firstId: 100)]);
        QueueLimit[] queues = [new("general", 3), new("zfs_send", 1)];
        var working = new NodeWorker(inbox, _noZfs, queues, TimeProvider.System).RunAsync(stop.Token);

        var held = new List<HeldReport>();
        for (var i = 0; i < 4; i++)
            held.Add(await inbox.NextAsync(Cancel));
        Assert.Equal([1, 2, 3, 100], held.Select(static report => report.Event.TransactionId).Order());

        held.ForEach(static report => report.Release());
        for (var i = 0; i < 5; i++)
            (await inbox.NextAsync(Cancel)).Release();
        await stop.CancelAsync();
        await working;
        Assert.Equal(4, inbox.MostAtOnce);
    }

    [Fact]
    public async Task A_queue_begins_when_its_start_delay_is_over_and_others_do_not_wait_for_it()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var inbox = new HeldInbox([.. Messages("zfs_send", 1), .. Messages("general", 1, firstId: 100)]);
        var time = new FakeTimeProvider();
        QueueLimit[] queues = [new("zfs_send", 1) { StartDelay = TimeSpan.FromMinutes(90) }, new("general", 1)];
        var working = new NodeWorker(inbox, _noZfs, queues, time).RunAsync(stop.Token);

        Assert.Equal(100, (await inbox.NextAsync(Cancel)).Event.TransactionId);
        var delayed = inbox.NextAsync(Cancel);
        time.Advance(TimeSpan.FromMinutes(89));
        Assert.False(delayed.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, (await delayed).Event.TransactionId);
        await stop.CancelAsync();
        await working;
    }

    [Fact]
    public async Task Work_of_an_unknown_type_or_with_wrong_input_fails_with_words()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        TransactionMessage[] messages =
        [
            new(1, 1, (TransactionType)9999, Rollback: false, "general", new JsonObject()),
            new(2, 1, TransactionType.CreateSnapshot, Rollback: false, "general", new JsonObject { ["Filesystem"] = "tank", ["Dataset"] = null }),
            new(3, 1, TransactionType.CreateSnapshot, Rollback: false, "general", new JsonObject { ["Filesystem"] = "tank" }),
        ];
        var inbox = new HeldInbox(messages);
        var working = new NodeWorker(inbox, _noZfs, [new QueueLimit("general", 1)], TimeProvider.System).RunAsync(stop.Token);

        foreach (var words in new[] { "9999", "Dataset", "Dataset" })
        {
            var report = await inbox.NextAsync(Cancel);
            var finished = Assert.IsType<TransactionFinished>(report.Event);
            Assert.False(finished.Success);
            Assert.Contains(words, finished.Error, StringComparison.Ordinal);
            report.Release();
        }
        await stop.CancelAsync();
        await working;
    }

    [Fact]
    public async Task An_inbox_that_fails_ends_the_worker()
    {
        var inbox = new HeldInbox(Messages("general", 1));
        var working = new NodeWorker(inbox, _noZfs, [new QueueLimit("general", 1), new QueueLimit("zfs_send", 1)], TimeProvider.System).RunAsync(Cancel);

        (await inbox.NextAsync(Cancel)).Fail(new IOException("The broker is gone."));

        var exception = await Assert.ThrowsAsync<IOException>(() => working);
        Assert.Equal("The broker is gone.", exception.Message);
    }

    private static TransactionMessage[] Messages(string queue, int count, long firstId = 1) =>
        [.. Enumerable.Range(0, count).Select(i =>
            new TransactionMessage(firstId + i, 1, (TransactionType)1, Rollback: false, queue, new JsonObject()))];

    /// <summary>Reporting is a part of the work, so holding reports shows how much is under way.</summary>
    private sealed class HeldInbox(IReadOnlyList<TransactionMessage> messages) : INodeInbox
    {
        private readonly Channel<HeldReport> _reports = Channel.CreateUnbounded<HeldReport>();
        private readonly Lock _gate = new();
        private int _now;

        public int MostAtOnce { get; private set; }

        public async IAsyncEnumerable<TransactionMessage> ReceiveAsync(string queue, [EnumeratorCancellation] CancellationToken cancel)
        {
            foreach (var message in messages.Where(message => message.Queue == queue))
                yield return message;
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        }

        public async Task ReportAsync(NodeEvent nodeEvent, CancellationToken cancel)
        {
            lock (_gate)
                MostAtOnce = Math.Max(MostAtOnce, ++_now);
            var report = new HeldReport(nodeEvent);
            _reports.Writer.TryWrite(report);
            try
            {
                await report.Released.WaitAsync(cancel);
            }
            finally
            {
                lock (_gate)
                    _now--;
            }
        }

        public async Task<HeldReport> NextAsync(CancellationToken cancel) => await _reports.Reader.ReadAsync(cancel);
    }

    private sealed record HeldReport(NodeEvent Event)
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Released => _released.Task;

        public void Release() => _released.SetResult();

        public void Fail(Exception exception) => _released.SetException(exception);
    }
}
