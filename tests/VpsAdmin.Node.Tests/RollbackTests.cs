using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

public sealed class RollbackTests(LabFixture lab) : IAsyncLifetime
{
    private TestNode _node = null!;
    private string _folder = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await lab.StartNodeAsync(Cancel);
        _folder = await _node.CreateDatasetAsync("101", Cancel);
        await WriteAsync("one");
        await _node.SnapshotAsync("101", "a", Cancel);
        await WriteAsync("two");
        await _node.SnapshotAsync("101", "b", Cancel);
        await _node.SnapshotAsync("101", "c", Cancel);
        await WriteAsync("three");
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Rollback_brings_the_files_back_and_destroys_what_is_newer()
    {
        Assert.Null((await _node.RunAsync(Rollback("a", "b", "c"), Cancel)).Error);

        Assert.Equal("one", await ReadAsync());
        Assert.Equal(["a"], await SnapshotsAsync());
    }

    [Fact]
    public async Task A_second_delivery_does_not_take_away_what_was_written_since()
    {
        var rollback = Rollback("a", "b", "c");
        await _node.RunAsync(rollback, Cancel);
        await WriteAsync("since");

        Assert.Null((await _node.RunAsync(rollback, Cancel)).Error);
        Assert.Equal("since", await ReadAsync());
    }

    [Fact]
    public async Task A_rollback_that_died_half_way_is_finished()
    {
        // As zfs does it: newer snapshots go one by one, the newest first.
        await _node.Zfs.DestroyAsync($"{_node.Filesystem}/101@c", Cancel);

        Assert.Null((await _node.RunAsync(Rollback("a", "b", "c"), Cancel)).Error);
        Assert.Equal(("one", "a"), (await ReadAsync(), Assert.Single(await SnapshotsAsync())));
    }

    [Fact]
    public async Task Another_rollback_to_the_same_snapshot_is_done_again()
    {
        await _node.RunAsync(Rollback("a", "b", "c"), Cancel);
        await WriteAsync("since");

        Assert.Null((await _node.RunAsync(Rollback("a"), Cancel)).Error);
        Assert.Equal("one", await ReadAsync());
    }

    [Fact]
    public async Task A_newer_snapshot_that_the_server_does_not_know_stops_it()
    {
        var finished = await _node.RunAsync(Rollback("a", "b"), Cancel);

        Assert.Contains("101@c is newer and the server does not know it", finished.Error, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c"], await SnapshotsAsync());
        Assert.Equal("three", await ReadAsync());
    }

    [Fact]
    public async Task Undoing_tells_what_cannot_be_brought_back()
    {
        // One that never began is undone by doing nothing.
        Assert.Null((await _node.RunAsync(Rollback("a", "b", "c") with { Rollback = true, Queue = "rollback" }, Cancel)).Error);
        var rollback = Rollback("a", "b", "c");
        await _node.RunAsync(rollback, Cancel);

        var undone = await _node.RunAsync(rollback with { Rollback = true, Queue = "rollback" }, Cancel);
        Assert.Contains("cannot be brought back", undone.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("101", "a@b")]
    [InlineData("../101", "a")]
    [InlineData("vpsadmin/download", "a")]
    [InlineData("101", "gone")]
    public async Task A_name_that_is_none_is_refused(string dataset, string snapshot)
    {
        var finished = await _node.RunAsync(
            TransactionType.RollbackDataset, new RollbackDatasetInput(_node.Filesystem, dataset, snapshot, []), Cancel);

        Assert.False(finished.Success);
        Assert.Equal(["a", "b", "c"], await SnapshotsAsync());
    }

    private TransactionMessage Rollback(string to, params string[] newer) =>
        _node.Message(TransactionType.RollbackDataset, new RollbackDatasetInput(_node.Filesystem, "101", to, newer));

    private Task WriteAsync(string text) => File.WriteAllTextAsync(Path.Combine(_folder, "file"), text, Cancel);

    private Task<string> ReadAsync() => File.ReadAllTextAsync(Path.Combine(_folder, "file"), Cancel);

    private async Task<IEnumerable<string>> SnapshotsAsync() =>
        (await _node.Zfs.ListSnapshotsAsync($"{_node.Filesystem}/101", depth: 0, Cancel)).Select(static s => s.Name.Name);
}
