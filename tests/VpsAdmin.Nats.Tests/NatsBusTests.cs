using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NATS.Client.JetStream;
using VpsAdmin.Lab;
using VpsAdmin.Node;

namespace VpsAdmin.Nats.Tests;

public sealed class NatsBusTests : BusContract
{
    private static readonly IReadOnlyList<QueueLimit> Queues = [new("general", 4), new("zfs_send", 1), new("rollback", 4)];

    private readonly ConcurrentDictionary<long, NatsInbox> _inboxes = new();
    private NatsBroker _broker = null!;
    private NatsLink _link = null!;
    private NatsBus _bus = null!;

    protected override INodeBus Bus => _bus;

    private NatsSettings Settings => new(_broker.Url);

    protected override INodeInbox Inbox(long node) => _inboxes.GetOrAdd(node, NewInbox);

    private NatsInbox NewInbox(long node) => new(_link, node, Queues, TimeProvider.System, NullLogger.Instance);

    public override async ValueTask InitializeAsync()
    {
        _broker = await NatsBroker.StartAsync(Cancel);
        Assert.SkipUnless(_broker.Available, _broker.Reason ?? "");
        _link = await NatsLink.ConnectAsync(Settings, "test", TimeProvider.System, Cancel);
        _bus = await NatsBus.OpenAsync(_link, NullLogger.Instance, Cancel);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_link is not null)
            await _link.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_queue_hands_out_no_more_than_its_limit()
    {
        await _bus.DispatchAsync(1, Message(1, "zfs_send"), Cancel);
        await _bus.DispatchAsync(1, Message(2, "zfs_send"), Cancel);
        await using var reader = Receive(1, "zfs_send");
        await NextAsync(reader);
        var second = NextAsync(reader);

        var queue = await _link.JetStream.GetConsumerAsync(Subjects.WorkStream, Subjects.QueueConsumer(1, "zfs_send"), Cancel);
        Assert.Equal((1, 1UL), (queue.Info.NumAckPending, queue.Info.NumPending));
        Assert.False(second.IsCompleted);

        await Inbox(1).ReportAsync(Finished(1), Cancel);
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task A_process_that_dies_hands_its_work_to_the_next_one()
    {
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await using (var dead = await NatsLink.ConnectAsync(Settings, "dead", TimeProvider.System, Cancel))
        {
            var inbox = new NatsInbox(dead, 1, Queues, TimeProvider.System, NullLogger.Instance);
            await using var reader = inbox.ReceiveAsync("general", Cancel).GetAsyncEnumerator(Cancel);
            Assert.Equal(1, await NextAsync(reader));
        }

        // Far sooner than the patience of half a minute.
        await using var next = Receive(1, "general");
        Assert.Equal(1, await NextAsync(next));
    }

    [Fact]
    public async Task Work_under_way_is_not_handed_out_again_while_its_holder_speaks_up()
    {
        var time = new FakeTimeProvider();
        var inbox = new NatsInbox(_link, 1, Queues, time, NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await using var reader = inbox.ReceiveAsync("general", Cancel).GetAsyncEnumerator(Cancel);
        await NextAsync(reader);

        var acknowledgements = _link.Connection.SubscribeAsync<byte[]>($"$JS.ACK.{Subjects.WorkStream}.>", cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        var heard = acknowledgements.MoveNextAsync().AsTask();
        await _link.Connection.PingAsync(Cancel);
        var keeping = inbox.KeepAsync(stop.Token);
        time.Advance(_link.Settings.Patience / 3);
        Assert.True(await heard);
        Assert.Equal("+WPI"u8.ToArray(), acknowledgements.Current.Data);
        await stop.CancelAsync();
        await keeping;
    }

    [Fact]
    public async Task Work_whose_end_the_server_has_read_is_gone_though_nobody_acknowledged_it()
    {
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await using (var first = Receive(1, "general"))
            await NextAsync(first);

        // Another process of the node tells the end and dies before it acknowledges.
        await NewInbox(1).ReportAsync(Finished(1), Cancel);
        await using var events = _bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel);
        await events.MoveNextAsync();

        var work = await _link.JetStream.GetStreamAsync(Subjects.WorkStream, cancellationToken: Cancel);
        Assert.Equal(0, (long)work.Info.State.Messages);
    }

    [Fact]
    public async Task Work_whose_end_waits_to_be_read_is_not_begun_again_by_a_server_that_restarts()
    {
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await using var reader = Receive(1, "general");
        await NextAsync(reader);
        await Inbox(1).ReportAsync(Finished(1), Cancel);

        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        var work = await _link.JetStream.GetStreamAsync(Subjects.WorkStream, cancellationToken: Cancel);
        Assert.Equal(0, (long)work.Info.State.Messages);
    }

    [Fact]
    public async Task Work_that_is_dispatched_again_lies_with_the_broker_once()
    {
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        var work = await _link.JetStream.GetStreamAsync(Subjects.WorkStream, cancellationToken: Cancel);
        Assert.Equal(1, (long)work.Info.State.Messages);
    }

    [Fact]
    public async Task An_event_that_was_not_saved_comes_to_the_next_server()
    {
        await Inbox(1).ReportAsync(Finished(1), Cancel);
        await Inbox(1).ReportAsync(Finished(2), Cancel);
        await using (var first = _bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel))
        {
            await first.MoveNextAsync();
            await first.MoveNextAsync();
            Assert.Equal(2, first.Current.TransactionId);
        }
        await using var next = _bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel);
        await next.MoveNextAsync();
        Assert.Equal(2, next.Current.TransactionId);
    }

    [Fact]
    public async Task Work_and_reports_outlive_a_restart_of_the_broker()
    {
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await using var reader = Receive(1, "general");
        await NextAsync(reader);
        await _broker.RestartAsync(Cancel);

        await Inbox(1).ReportAsync(Finished(1), Cancel);
        await using var events = _bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel);
        await events.MoveNextAsync();
        Assert.Equal(Finished(1), events.Current);
    }

    [Fact]
    public async Task What_cannot_be_read_is_dropped_and_holds_nothing_up()
    {
        await _link.JetStream.PublishAsync(Subjects.Work(1, "general", 1, rollback: false), "{\"Id\":"u8.ToArray(), cancellationToken: Cancel);
        await _link.JetStream.PublishAsync(Subjects.Finished(1, 1, rollback: false), "[]"u8.ToArray(), cancellationToken: Cancel);
        await _bus.DispatchAsync(1, Message(2, "general"), Cancel);
        await Inbox(1).ReportAsync(Finished(3), Cancel);

        await using var reader = Receive(1, "general");
        Assert.Equal(2, await NextAsync(reader));
        await using var events = _bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel);
        await events.MoveNextAsync();
        Assert.Equal(3, events.Current.TransactionId);
    }

    [Fact]
    public async Task Work_of_before_the_database_was_put_back_from_a_copy_gives_way_to_other_work_of_its_number()
    {
        await _bus.DispatchAsync(1, Message(1, "general") with { Nonce = "old" }, Cancel);
        await Inbox(1).ReportAsync(Finished(2) with { Nonce = "old" }, Cancel);
        await _bus.DispatchAsync(1, Message(1, "general") with { Nonce = "new" }, Cancel);
        await _bus.DispatchAsync(1, Message(2, "general") with { Nonce = "new" }, Cancel);

        await using var reader = Receive(1, "general");
        foreach (var id in new[] { 1, 2 })
        {
            Assert.Equal(id, await NextAsync(reader));
            Assert.Equal("new", reader.Current.Nonce);
        }
    }

    [Fact]
    public async Task A_report_of_before_the_database_was_put_back_from_a_copy_takes_no_other_work_away()
    {
        await _bus.DispatchAsync(1, Message(1, "general") with { Nonce = "new" }, Cancel);
        await Inbox(1).ReportAsync(Finished(1) with { Nonce = "old" }, Cancel);
        await using var events = _bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel);
        await events.MoveNextAsync();

        await using var reader = Receive(1, "general");
        Assert.Equal(1, await NextAsync(reader));
    }

    [Fact]
    public async Task Work_that_no_message_can_carry_is_refused_at_once() =>
        await Assert.ThrowsAsync<UndeliverableException>(() => _bus.DispatchAsync(1, Message(1, "general") with { Input = new JsonObject { ["Datasets"] = TooLong } }, Cancel));

    [Fact]
    public async Task An_answer_that_no_message_can_carry_is_told_as_a_failure()
    {
        await Inbox(1).ReportAsync(Finished(1) with { Output = new JsonObject { ["Snapshots"] = TooLong } }, Cancel);
        await Inbox(1).ReportAsync(new TransactionFinished(2, Success: false, Output: null, TooLong), Cancel);
        await using var events = _bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel);
        foreach (var words in new[] { "max_payload", "xxx" })
        {
            await events.MoveNextAsync();
            var finished = Assert.IsType<TransactionFinished>(events.Current);
            Assert.False(finished.Success);
            Assert.Contains(words, finished.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Work_that_has_ended_is_not_begun_again_by_what_the_broker_had_brought_again()
    {
        await using var link = await NatsLink.ConnectAsync(Settings with { Patience = TimeSpan.FromSeconds(1) }, "slow", TimeProvider.System, Cancel);
        var inbox = new NatsInbox(link, 1, Queues, TimeProvider.System, NullLogger.Instance);
        long[] works = [1, 2, 3, 4];
        foreach (var id in works)
            await _bus.DispatchAsync(1, Message(id, "general"), Cancel);
        await using var reader = inbox.ReceiveAsync("general", Cancel).GetAsyncEnumerator(Cancel);
        foreach (var id in works)
            Assert.Equal(id, await NextAsync(reader));

        // Nobody says that it is worked on: it is brought again, and nobody reads.
        await BroughtAgainAsync(works.Length);
        foreach (var id in works)
            await inbox.ReportAsync(Finished(id), Cancel);
        await _bus.DispatchAsync(1, Message(5, "general"), Cancel);
        Assert.Equal(5, await NextAsync(reader));
    }

    private static string TooLong { get; } = new('x', 2 << 20);

    private async Task BroughtAgainAsync(int count)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await _link.JetStream.GetConsumerAsync(Subjects.WorkStream, Subjects.QueueConsumer(1, "general"), Cancel)).Info.NumRedelivered < count)
            await look.WaitForNextTickAsync(Cancel);
    }
}
