using System.Text.Json.Nodes;

namespace VpsAdmin.Node.Tests;

public sealed class InProcessBusTests
{
    private readonly InProcessBus _bus = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_comes_to_its_node_and_queue_in_the_order_of_dispatch()
    {
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await _bus.DispatchAsync(2, Message(2, "general"), Cancel);
        await _bus.DispatchAsync(1, Message(3, "zfs_send"), Cancel);
        await _bus.DispatchAsync(1, Message(4, "general"), Cancel);
        await using var general = Receive(node: 1, "general");

        Assert.Equal(1, await NextAsync(general));
        Assert.Equal(4, await NextAsync(general));
        await _bus.DispatchAsync(1, Message(5, "general"), Cancel);
        Assert.Equal(5, await NextAsync(general));
    }

    [Fact]
    public async Task Unfinished_work_comes_again_to_the_next_reader_and_finished_work_does_not()
    {
        foreach (var id in new[] { 1, 2, 3 })
            await _bus.DispatchAsync(1, Message(id, "general"), Cancel);
        await using (var first = Receive(1, "general"))
        {
            for (var i = 0; i < 3; i++)
                await NextAsync(first);
        }
        await _bus.Inbox(1).ReportAsync(new TransactionFinished(2, Success: true, Output: null, Error: null), Cancel);

        await using var second = Receive(1, "general");
        Assert.Equal(1, await NextAsync(second));
        Assert.Equal(3, await NextAsync(second));
    }

    [Fact]
    public async Task Dispatching_unfinished_work_again_changes_nothing_and_its_rollback_withdraws_it()
    {
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await _bus.DispatchAsync(1, Message(1, "general") with { Rollback = true }, Cancel);
        await _bus.DispatchAsync(1, Message(2, "general"), Cancel);

        await using var reader = Receive(1, "general");
        Assert.Equal(1, await NextAsync(reader));
        Assert.True(reader.Current.Rollback);
        Assert.Equal(2, await NextAsync(reader));
    }

    [Fact]
    public async Task A_late_report_on_work_that_was_called_off_does_not_end_its_rollback()
    {
        await _bus.DispatchAsync(1, Message(1, "general"), Cancel);
        await _bus.DispatchAsync(1, Message(1, "general") with { Rollback = true }, Cancel);
        await _bus.Inbox(1).ReportAsync(new TransactionFinished(1, Success: true, Output: null, Error: null), Cancel);

        await using var reader = Receive(1, "general");
        Assert.Equal(1, await NextAsync(reader));
        Assert.True(reader.Current.Rollback);
    }

    [Fact]
    public async Task Events_of_many_nodes_come_once_each()
    {
        var ids = Enumerable.Range(1, 400).Select(static id => (long)id).ToList();
        await Parallel.ForEachAsync(ids, Cancel, async (id, cancel) =>
            await _bus.Inbox(id % 7).ReportAsync(new ExportProgressed(id, DownloadId: 0, ApproximateBytes: 1), cancel));

        var seen = new List<long>();
        await foreach (var nodeEvent in _bus.EventsAsync(Cancel))
        {
            seen.Add(nodeEvent.TransactionId);
            if (seen.Count == ids.Count)
                break;
        }
        Assert.Equal(ids, seen.Order());
    }

    private static TransactionMessage Message(long id, string queue) =>
        new(id, ChainId: 1, TransactionType.CreateSnapshot, Rollback: false, queue, new JsonObject());

    private IAsyncEnumerator<TransactionMessage> Receive(long node, string queue) =>
        _bus.Inbox(node).ReceiveAsync(queue, Cancel).GetAsyncEnumerator(Cancel);

    private static async Task<long> NextAsync(IAsyncEnumerator<TransactionMessage> reader)
    {
        Assert.True(await reader.MoveNextAsync());
        return reader.Current.Id;
    }
}
