using System.Text.Json.Nodes;
using VpsAdmin.Node;

namespace VpsAdmin.Nats.Tests;

/// <summary>What every bus has to keep to. Runs on the one inside a process and on NATS.</summary>
public abstract class BusContract : IAsyncLifetime
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract INodeBus Bus { get; }

    protected abstract INodeInbox Inbox(long node);

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task Work_comes_to_its_node_and_queue_in_the_order_of_dispatch()
    {
        await Bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await Bus.DispatchAsync(2, Message(2, "general"), Cancel);
        await Bus.DispatchAsync(1, Message(3, "zfs_send"), Cancel);
        await Bus.DispatchAsync(1, Message(4, "general"), Cancel);
        await using var general = Receive(node: 1, "general");

        Assert.Equal(1, await NextAsync(general));
        Assert.Equal(4, await NextAsync(general));
        await Bus.DispatchAsync(1, Message(5, "general"), Cancel);
        Assert.Equal(5, await NextAsync(general));
    }

    [Fact]
    public async Task Work_arrives_whole()
    {
        var sent = Message(7, "rollback") with { Rollback = true, Installation = "abc", Type = TransactionType.LocalSend, Input = new JsonObject { ["Dataset"] = "101/ž" } };
        await Bus.DispatchAsync(1, sent, Cancel);
        await using var reader = Receive(1, "rollback");
        await reader.MoveNextAsync();
        Assert.Equal(sent.Input.ToJsonString(), reader.Current.Input.ToJsonString());
        Assert.Equal(sent with { Input = reader.Current.Input }, reader.Current);
    }

    [Fact]
    public async Task Unfinished_work_comes_again_to_the_next_reader_and_finished_work_does_not()
    {
        foreach (var id in new[] { 1, 2, 3 })
            await Bus.DispatchAsync(1, Message(id, "general"), Cancel);
        await using (var first = Receive(1, "general"))
        {
            for (var i = 0; i < 3; i++)
                await NextAsync(first);
            await Inbox(1).ReportAsync(Finished(2), Cancel);
        }

        await using var second = Receive(1, "general");
        Assert.Equal(1, await NextAsync(second));
        Assert.Equal(3, await NextAsync(second));
    }

    [Fact]
    public async Task Dispatching_unfinished_work_again_changes_nothing()
    {
        await Bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await Bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await Bus.DispatchAsync(1, Message(2, "general"), Cancel);

        await using var reader = Receive(1, "general");
        Assert.Equal((1, 2), (await NextAsync(reader), await NextAsync(reader)));
    }

    [Fact]
    public async Task Work_that_is_handed_out_again_behind_its_end_comes_again()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        await Bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await using var reader = Inbox(1).ReceiveAsync("general", patience.Token).GetAsyncEnumerator(patience.Token);
        await NextAsync(reader);
        await Inbox(1).ReportAsync(Finished(1), Cancel);
        // Read, and not saved, as by a server that cannot.
        await foreach (var report in Bus.ReportsAsync(Cancel))
        {
            await report.DealAsync(static _ => Task.CompletedTask, Cancel);
            break;
        }

        var again = NextAsync(reader);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        // A broker may take a moment to forget the report.
        while (!again.IsCompleted)
        {
            await Bus.DispatchAsync(1, Message(1, "general"), Cancel);
            await look.WaitForNextTickAsync(Cancel);
        }
        Assert.Equal(1, await again);
    }

    [Fact]
    public async Task A_rollback_is_other_work_and_withdraws_what_has_not_come_to_its_node()
    {
        await Bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await Bus.DispatchAsync(1, Message(1, "general") with { Rollback = true }, Cancel);
        await Bus.DispatchAsync(1, Message(2, "general"), Cancel);

        await using var reader = Receive(1, "general");
        Assert.Equal(1, await NextAsync(reader));
        Assert.True(reader.Current.Rollback);
        Assert.Equal(2, await NextAsync(reader));
    }

    [Fact]
    public async Task A_late_report_on_work_that_was_called_off_does_not_end_its_rollback()
    {
        await Bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await Bus.DispatchAsync(1, Message(1, "general") with { Rollback = true }, Cancel);
        await Inbox(1).ReportAsync(Finished(1), Cancel);

        await using var reader = Receive(1, "general");
        Assert.Equal(1, await NextAsync(reader));
        Assert.True(reader.Current.Rollback);
    }

    [Fact]
    public async Task Events_of_many_nodes_come_once_each()
    {
        var ids = Enumerable.Range(1, 400).Select(static id => (long)id).ToList();
        await Parallel.ForEachAsync(ids, Cancel, async (id, cancel) =>
            await Inbox(id % 7).ReportAsync(new ExportProgressed(id, DownloadId: 0, ApproximateBytes: 1), cancel));

        var seen = new List<long>();
        await foreach (var nodeEvent in Bus.EventsAsync(Cancel))
        {
            seen.Add(nodeEvent.TransactionId);
            if (seen.Count == ids.Count)
                break;
        }
        Assert.Equal(ids, seen.Order());
    }

    [Fact]
    public async Task Events_arrive_whole()
    {
        NodeEvent[] sent =
        [
            new ExportProgressed(1, 2, 3),
            new TransferProgressed(1, 4L << 40),
            new TransactionFinished(1, Success: false, Output: null, Error: "zfs send: ž") { Rollback = true },
            new TransactionFinished(2, Success: true, Output: null, Error: null),
        ];
        foreach (var nodeEvent in sent)
            await Inbox(1).ReportAsync(nodeEvent, Cancel);
        await using var events = Bus.EventsAsync(Cancel).GetAsyncEnumerator(Cancel);
        foreach (var nodeEvent in sent)
        {
            await events.MoveNextAsync();
            Assert.Equal(nodeEvent, events.Current);
        }
    }

    protected static TransactionMessage Message(long id, string queue) =>
        new(id, ChainId: 1, TransactionType.CreateSnapshot, Rollback: false, queue, new JsonObject());

    protected static TransactionFinished Finished(long id) => new(id, Success: true, Output: null, Error: null);

    protected IAsyncEnumerator<TransactionMessage> Receive(long node, string queue) => Inbox(node).ReceiveAsync(queue, Cancel).GetAsyncEnumerator(Cancel);

    protected static async Task<long> NextAsync(IAsyncEnumerator<TransactionMessage> reader)
    {
        Assert.True(await reader.MoveNextAsync());
        return reader.Current.Id;
    }
}
